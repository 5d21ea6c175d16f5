// The common names, and the namespaces that are spelled as Keras's modules.

/** What a layer does to each value at its end: https://keras.io/api/layers/activations/ */
export * as activations from './activations/index.ts';
/** Ready-made networks: https://keras.io/api/applications/ */
export * as applications from './applications/index.ts';
/** What takes part in training: https://keras.io/api/callbacks/ */
export * as callbacks from './callbacks/index.ts';
export { Callback, type CallbackLike } from './callbacks/index.ts';
/** What holds for all that is made from now on: https://keras.io/api/config/ */
export * as config from './config/index.ts';
/** What weights are brought to after each update: https://keras.io/api/layers/constraints/ */
export * as constraints from './constraints/index.ts';
/** Data to learn with: https://keras.io/api/datasets/ */
export * as datasets from './datasets/index.ts';
export { Dataset, DatasetIterator, type DatasetState } from './datasets/index.ts';
export { DTypePolicy, type DTypePolicyLike, type DTypePolicyName } from './dtype-policy.ts';
export { FoveaError } from './errors.ts';
/** What makes the first values of weights: https://keras.io/api/layers/initializers/ */
export * as initializers from './initializers/index.ts';
/** The parts of networks: https://keras.io/api/layers/ */
export * as layers from './layers/index.ts';
export { type CallOptions, Input, Layer, type Nest } from './layers/index.ts';
/** How far predictions are from labels: https://keras.io/api/losses/ */
export * as losses from './losses/index.ts';
/** What is measured: https://keras.io/api/metrics/ */
export * as metrics from './metrics/index.ts';
/** Policies of mixed precision: https://keras.io/api/mixed_precision/ */
export * as mixedPrecision from './mixedPrecision/index.ts';
/** Networks: https://keras.io/api/models/ */
export * as models from './models/index.ts';
export { Model, Sequential } from './models/index.ts';
/** Operations on tensors; most are methods of tensors too: https://keras.io/api/ops/ */
export * as ops from './ops/index.ts';
/** What changes weights by gradients: https://keras.io/api/optimizers/ */
export * as optimizers from './optimizers/index.ts';
/** Random tensors: https://keras.io/api/random/ */
export * as random from './random/index.ts';
export { SeedGenerator, setSeed } from './random/index.ts';
export { registerSerializable } from './registry.ts';
/** Penalties on weights and outputs: https://keras.io/api/layers/regularizers/ */
export * as regularizers from './regularizers/index.ts';
export {
  arange,
  customGradient,
  type Data,
  type Device,
  type DeviceName,
  type DType,
  type DTypeOptions,
  devices,
  eye,
  full,
  type Gradients,
  gradients,
  linspace,
  type Nested,
  ones,
  type Precision,
  type Shape,
  setDevice,
  setPrecision,
  Tensor,
  type TensorOptions,
  type TypedArray,
  tensor,
  Variable,
  type VariableOptions,
  zeros,
} from './tensor.ts';
export type {
  Batch,
  BatchOptions,
  CompileOptions,
  EvaluateOptions,
  FitOptions,
  PredictOptions,
  RunOptions,
} from './training/index.ts';
/** What else is handy: https://keras.io/api/utils/ */
export * as utils from './utils/index.ts';
