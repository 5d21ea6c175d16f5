export * from './borders.ts';
export * from './colours.ts';
export * from './filters.ts';
export { type ResizeInterpolation, type ResizeOptions, resize } from './resize.ts';
export type { FillMode, Interpolation } from './sampling.ts';
export * from './warp.ts';
