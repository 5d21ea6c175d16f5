export * from './constants.ts';
export * from './orthogonal.ts';
export * from './random.ts';
export type { SeedOptions } from './random-initializer.ts';
export * from './scaling.ts';
