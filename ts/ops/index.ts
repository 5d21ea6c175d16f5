import '../tensor.ts';

export { arange, eye, full, linspace, ones, zeros } from '../tensor/create.ts';
export { customGradient } from '../tensor/custom-gradient.ts';
export * from './activations.ts';
export type { TensorLike } from './apply.ts';
export type { Axes, Padding } from './arguments.ts';
export * from './arrays.ts';
export * from './combine.ts';
export * from './compare.ts';
export * from './compositions.ts';
export * from './einsum.ts';
export * from './elementwise.ts';
export * from './grids.ts';
/** Operations on images: https://keras.io/api/ops/image/ */
export * as image from './image/index.ts';
export * from './indexing.ts';
export * from './nn.ts';
export * from './pad.ts';
export * from './products.ts';
export * from './reduce.ts';
export * from './shape.ts';
export * from './slicing.ts';
export * from './sorting.ts';
