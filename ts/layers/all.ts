export * from './activation.ts';
export * from './batch-normalization.ts';
export * from './conv2d.ts';
export * from './dense.ts';
export * from './dropout.ts';
export * from './global-pooling.ts';
export * from './input.ts';
export {
  type CallOptions,
  Layer,
  type LayerOptions,
  type WeightOptions,
  type WeightValue,
} from './layer.ts';
export * from './merging.ts';
export type { Nest } from './nest.ts';
export * from './pooling.ts';
export * from './rescaling.ts';
export * from './reshaping.ts';
