export { serialize } from '../registry.ts';
export * from './classes.ts';
export * from './functions.ts';
export * from './get.ts';
export { Loss, type LossCallOptions, type LossFunction, LossFunctionWrapper, type LossOptions } from './loss.ts';
export type { Reduction } from './reduce.ts';
