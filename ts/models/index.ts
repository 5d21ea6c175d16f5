export { type FunctionalOptions, Model, type ModelOptions } from './model.ts';
export { Sequential, type SequentialItem } from './sequential.ts';
export type { SummaryOptions } from './summary.ts';
