export type { ConvOptions } from './base-conv.ts';
export type { DepthwiseOptions } from './base-depthwise.ts';
export * from './conv-transpose.ts';
export * from './conv1d.ts';
export * from './conv2d.ts';
export * from './conv3d.ts';
export * from './depthwise-conv.ts';
export * from './separable-conv.ts';
export type { Padding, SequencePadding, WindowOptions } from './window.ts';
