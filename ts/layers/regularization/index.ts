export * from './activity-regularization.ts';
export * from './dropout.ts';
export * from './noise.ts';
export type { SeededOptions } from './seeded-layer.ts';
