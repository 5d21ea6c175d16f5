export type { Batch, Batches, BatchLike, Data, DataLike } from './batch.ts';
export type { ClassWeight } from './class-weight.ts';
export type { CompileOptions } from './compiled.ts';
export type { LossWeights, ModelLoss } from './compiled-loss.ts';
export type { ModelMetrics } from './compiled-metrics.ts';
export type { BatchOptions } from './on-batch.ts';
export type { EvaluateOptions, FitOptions, PredictOptions, RunOptions, ValidationData, Verbose } from './options.ts';
export type { Outcome } from './steps.ts';
export { Trainer } from './trainer.ts';
