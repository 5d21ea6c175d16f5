export { serialize } from '../registry.ts';
export * from './all.ts';
export * from './get.ts';
export {
  Loss,
  type LossCallOptions,
  type LossFunction,
  type LossFunctionOptions,
  LossFunctionWrapper,
  type LossOptions,
} from './loss.ts';
export type { Reduction } from './reduce.ts';
