import { finite, flag, whole } from '../errors.ts';
import { numberWithin, readOptions } from '../options.ts';
import { arange } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorLike } from './apply.ts';
import {
  abs,
  add,
  cast,
  clip,
  div,
  equal,
  erf,
  expm1,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  maximum,
  minimum,
  mul,
  relu6,
  sigmoid,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from './elementwise.ts';
import { sum } from './reduce.ts';
import { expandDims, moveaxis } from './shape.ts';
import { split } from './slicing.ts';

/** Reads the one option of an activation, given as it is or in a record. */
function only<T>(name: string, field: string, given: unknown, usual: T): T {
  return (readOptions<Record<string, unknown>>(name, [field], [given])[field] ?? usual) as T;
}

/**
 * x where it is positive, else `negativeSlope` · x, 0.2 if left out.
 *
 * @see https://keras.io/api/layers/activations/#leakyrelu-function
 */
export function leakyRelu(x: TensorLike, negativeSlope?: number | { negativeSlope?: number | undefined }): Tensor {
  const slope = finite('leakyRelu', 'negativeSlope', only('leakyRelu', 'negativeSlope', negativeSlope, 0.2));
  return where(greater(x, 0), x, mul(x, slope));
}

/**
 * x where it is positive, else `alpha` · (exp(x) − 1); alpha is 1 if left out.
 *
 * @see https://keras.io/api/layers/activations/#elu-function
 */
export function elu(x: TensorLike, alpha?: number | { alpha?: number | undefined }): Tensor {
  const a = finite('elu', 'alpha', only('elu', 'alpha', alpha, 1));
  const above = greater(x, 0);
  // Masked inside too: exp of a large x would put ∞ · 0 into the gradient.
  return where(above, x, mul(expm1(where(above, 0, x)), a));
}

/** The scaled ELU of self-normalizing networks. @see https://keras.io/api/layers/activations/#selu-function */
export function selu(x: TensorLike): Tensor {
  const above = greaterEqual(x, 0);
  return mul(where(above, x, mul(expm1(where(above, 0, x)), 1.6732632423543772)), 1.0507009873554805);
}

/**
 * x where it is positive, else `alpha` · (exp(x / alpha) − 1); alpha is 1 if left out.
 *
 * @see https://keras.io/api/layers/activations/#celu-function
 */
export function celu(x: TensorLike, alpha?: number | { alpha?: number | undefined }): Tensor {
  const a = finite('celu', 'alpha', only('celu', 'alpha', alpha, 1));
  return add(maximum(x, 0), mul(expm1(div(minimum(x, 0), a)), a));
}

/**
 * x · Φ(x), with Φ the normal distribution; `approximate` uses tanh instead of erf, `false` if left out.
 *
 * @see https://keras.io/api/layers/activations/#gelu-function
 */
export function gelu(x: TensorLike, approximate?: boolean | { approximate?: boolean | undefined }): Tensor {
  const rough = flag('gelu', 'approximate', only('gelu', 'approximate', approximate, false));
  const inner = rough
    ? tanh(mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
    : erf(mul(x, Math.SQRT1_2));
  return mul(mul(x, 0.5), add(inner, 1));
}

/** x · sigmoid(x). @see https://keras.io/api/layers/activations/#silu-function */
export const silu = (x: TensorLike): Tensor => mul(x, sigmoid(x));

/** The other name of silu. */
export const swish = silu;

/**
 * The first half of an axis (the last if left out) times the sigmoid of the second half.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an odd side
 * @see https://keras.io/api/layers/activations/#glu-function
 */
export function glu(x: TensorLike, axis?: number | { axis?: number | undefined }): Tensor {
  const [values, gates] = split(x, 2, whole('glu', 'axis', only('glu', 'axis', axis, -1))) as [Tensor, Tensor];
  return mul(values, sigmoid(gates));
}

/** relu6(x + 3) / 6. @see https://keras.io/api/layers/activations/#hardsigmoid-function */
export const hardSigmoid = (x: TensorLike): Tensor => div(relu6(add(x, 3)), 6);

/** x · hardSigmoid(x). @see https://keras.io/api/layers/activations/#hardsilu-function */
export const hardSilu = (x: TensorLike): Tensor => mul(x, hardSigmoid(x));

/** The other name of hardSilu. */
export const hardSwish = hardSilu;

/** x, but at least −1 and at most 1. @see https://keras.io/api/layers/activations/#hardtanh-function */
export const hardTanh = (x: TensorLike): Tensor => clip(x, -1, 1);

/**
 * x where |x| is over the threshold, 0.5 if left out, else 0.
 *
 * @see https://keras.io/api/layers/activations/#hardshrink-function
 */
export function hardShrink(x: TensorLike, threshold?: number | { threshold?: number | undefined }): Tensor {
  const border = finite('hardShrink', 'threshold', only('hardShrink', 'threshold', threshold, 0.5));
  return where(greater(abs(x), border), x, 0);
}

/**
 * x, nearer to 0 by the threshold, 0.5 if left out.
 *
 * @see https://keras.io/api/layers/activations/#softshrink-function
 */
export function softShrink(x: TensorLike, threshold?: number | { threshold?: number | undefined }): Tensor {
  const border = finite('softShrink', 'threshold', only('softShrink', 'threshold', threshold, 0.5));
  return where(greater(x, border), sub(x, border), where(less(x, -border), add(x, border), 0));
}

/** x − tanh(x). @see https://keras.io/api/layers/activations/#tanhshrink-function */
export const tanhShrink = (x: TensorLike): Tensor => sub(x, tanh(x));

/** Options of {@link threshold}. */
export interface ThresholdOptions {
  /** What x must be greater than. */
  threshold?: number | undefined;
  /** What stands elsewhere. */
  defaultValue?: number | undefined;
}

/**
 * x where it is over the threshold, else `defaultValue`.
 *
 * @see https://keras.io/api/layers/activations/#threshold-function
 */
export function threshold(
  x: TensorLike,
  threshold: number | ThresholdOptions,
  defaultValue?: number | ThresholdOptions,
): Tensor {
  const names = ['threshold', 'defaultValue'] as const;
  const read = readOptions<ThresholdOptions>('threshold', names, [threshold, defaultValue]);
  const border = finite('threshold', 'threshold', read.threshold);
  return where(greater(x, border), x, finite('threshold', 'defaultValue', read.defaultValue));
}

/** log(sigmoid(x)). @see https://keras.io/api/layers/activations/#logsigmoid-function */
export const logSigmoid = (x: TensorLike): Tensor => mul(softplus(mul(x, -1)), -1);

/** x / (1 + |x|). @see https://keras.io/api/layers/activations/#softsign-function */
export const softsign = (x: TensorLike): Tensor => div(x, add(abs(x), 1));

/**
 * (x + √(x² + b)) / 2, near to max(x, 0); b is 4 if left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a b below 0
 * @see https://keras.io/api/layers/activations/#squareplus-function
 */
export function squareplus(x: TensorLike, b?: number | { b?: number | undefined }): Tensor {
  const width = numberWithin('squareplus', 'b', only('squareplus', 'b', b, 4), 0, Infinity);
  return div(add(x, sqrt(add(square(x), width))), 2);
}

/** 0 up to −1, x from 1 on, (x + 1)² / 4 between. @see https://keras.io/api/layers/activations/#sparseplus-function */
export const sparsePlus = (x: TensorLike): Tensor =>
  where(lessEqual(x, -1), 0, where(less(x, 1), mul(square(add(x, 1)), 0.25), x));

/** 0 up to −1, 1 from 1 on, (x + 1) / 2 between. @see https://keras.io/api/layers/activations/#sparsesigmoid-function */
export const sparseSigmoid = (x: TensorLike): Tensor =>
  where(lessEqual(x, -1), 0, where(greaterEqual(x, 1), 1, mul(add(x, 1), 0.5)));

/**
 * max(x − τ, 0) over an axis, the last if left out: like softmax, with zeros. τ is Keras's, which counts partial sums
 * where the usual sparsemax counts one: where several numbers are above it they need not sum to 1.
 *
 * @see https://keras.io/api/layers/activations/#sparsemax-function
 */
export function sparsemax(x: TensorLike, axis?: number | { axis?: number | undefined }): Tensor {
  const along = whole('sparsemax', 'axis', only('sparsemax', 'axis', axis, -1));
  const z = moveaxis(x, along, -1);
  const [own, others] = [expandDims(z, -1), expandDims(z, -2)];
  const place = arange(z.dim(-1), { dtype: 'int32' });
  const notAfter = lessEqual(expandDims(place, 0), expandDims(place, 1));
  // Which numbers come before each one, itself too, in falling order; the first of equals first.
  const before = logicalOr(greater(others, own), logicalAnd(equal(others, own), notAfter));
  const sums = sum(where(before, others, 0), -1);
  const support = greater(sub(z, div(sub(sums, 1), sum(cast(before, 'float32'), -1))), 0);
  const total = sum(where(support, sums, 0), -1, { keepdims: true });
  const count = sum(cast(support, 'float32'), -1, { keepdims: true });
  return moveaxis(maximum(sub(z, div(sub(total, 1), count)), 0), -1, along);
}
