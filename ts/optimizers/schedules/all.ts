export * from './cosine.ts';
export * from './decay.ts';
export * from './piecewise.ts';
export * from './polynomial.ts';
