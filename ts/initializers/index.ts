export * from './constants.ts';
export * from './get.ts';
export * from './initializer.ts';
export * from './orthogonal.ts';
export * from './random.ts';
export * from './scaling.ts';
