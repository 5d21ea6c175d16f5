export { serialize } from '../registry.ts';
export { Adam, type AdamOptions, AdamW } from './adam.ts';
export * from './get.ts';
export { Optimizer, type OptimizerOptions, type Schedule } from './optimizer.ts';
export { RMSprop, type RMSpropOptions } from './rmsprop.ts';
export { SGD, type SGDOptions } from './sgd.ts';
