// Tensors with their methods: what the floors above import.
import './ops/install.ts';

export { arange, type DTypeOptions, eye, full, linspace, ones, zeros } from './tensor/create.ts';
export { customGradient } from './tensor/custom-gradient.ts';
export { type Device, type DeviceName, devices, setDevice } from './tensor/device.ts';
export { type Nested, type TensorOptions, type TypedArray, tensor } from './tensor/from.ts';
export { type Gradients, gradients } from './tensor/gradients.ts';
export type { Node } from './tensor/node.ts';
export { withOrigin } from './tensor/origin.ts';
export { type Precision, setPrecision } from './tensor/precision.ts';
export type { Data } from './tensor/read.ts';
export { Tensor } from './tensor/tensor.ts';
export type { DType, Shape } from './tensor/types.ts';
export { Variable, type VariableOptions } from './tensor/variable.ts';
