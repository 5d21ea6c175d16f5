export * from './constants.ts';
export * from './orthogonal.ts';
export * from './random.ts';
export * from './scaling.ts';
