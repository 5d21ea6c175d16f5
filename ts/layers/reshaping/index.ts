export * from './cropping.ts';
export * from './reshaping.ts';
export * from './up-sampling.ts';
export * from './zero-padding.ts';
