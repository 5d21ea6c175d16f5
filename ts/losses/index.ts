export { serialize } from '../registry.ts';
export * from './classes.ts';
export * from './functions.ts';
export * from './get.ts';
export { Loss, type LossFunction, LossFunctionWrapper, type LossOptions, type WeightOptions } from './loss.ts';
export type { Reduction } from './reduce.ts';
