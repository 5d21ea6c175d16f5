// The common names, and the namespaces that are spelled as Keras's modules.

export * as activations from './activations/index.ts';
export * as callbacks from './callbacks/index.ts';
export { Callback, type CallbackLike } from './callbacks/index.ts';
export * as datasets from './datasets/index.ts';
export { FoveaError } from './errors.ts';
export * as initializers from './initializers/index.ts';
export * as layers from './layers/index.ts';
export { type CallOptions, Input, Layer, type Nest } from './layers/index.ts';
export * as losses from './losses/index.ts';
export * as metrics from './metrics/index.ts';
export * as models from './models/index.ts';
export { Model, Sequential } from './models/index.ts';
export * as ops from './ops/index.ts';
export * as optimizers from './optimizers/index.ts';
export * as random from './random/index.ts';
export { SeedGenerator, setSeed } from './random.ts';
export { registerSerializable } from './registry.ts';
export * as regularizers from './regularizers/index.ts';
export * from './tensor.ts';
export type { Batch, CompileOptions, EvaluateOptions, FitOptions, PredictOptions } from './training/index.ts';
export * as utils from './utils/index.ts';
