export * from './adaptive-pooling.ts';
export * from './average-pooling.ts';
export type { AdaptivePoolingOptions } from './base-adaptive-pooling.ts';
export type { GlobalPoolingOptions } from './base-global-pooling.ts';
export type { PoolingOptions } from './base-pooling.ts';
export * from './global-average-pooling.ts';
export * from './global-max-pooling.ts';
export * from './max-pooling.ts';
