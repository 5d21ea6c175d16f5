export { serialize } from '../registry.ts';
export * from './all.ts';
export type { BaseAdamOptions } from './base-adam.ts';
export * from './get.ts';
export { Optimizer } from './optimizer.ts';
export type { OptimizerOptions, Schedule, ScheduleBeside, SlotOptions, WeightDecayExclusion } from './options.ts';
/** Learning rates that change with the steps: https://keras.io/api/optimizers/learning_rate_schedules/ */
export * as schedules from './schedules/index.ts';
