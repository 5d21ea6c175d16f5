import '../tensor.ts';

export type { TensorLike } from './apply.ts';
export type { Axes, Padding } from './arguments.ts';
export * from './combine.ts';
export * from './compare.ts';
export * from './elementwise.ts';
export * from './nn.ts';
export * from './reduce.ts';
export * from './shape.ts';
export * from './slicing.ts';
