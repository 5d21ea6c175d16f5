import { finite, flag, whole } from '../errors.ts';
import type { Axes } from '../ops/arguments.ts';
import {
  abs,
  add,
  cast,
  clip,
  div,
  equal,
  erf,
  exp,
  expandDims,
  expm1,
  flatten,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  logSoftmax as logSoftmaxOf,
  maximum,
  minimum,
  moveaxis,
  mul,
  relu as rectified,
  reshape,
  sigmoid,
  softmax as softmaxOf,
  softplus,
  split,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  where,
} from '../ops/index.ts';
import { type ListBeside, numberWithin, readOptions } from '../options.ts';
import { arange, type Tensor } from '../tensor.ts';

// Ops that are activations as they are.
export { sigmoid, softplus, tanh } from '../ops/index.ts';

/** Reads the one option of an activation, given as it is or in a record. */
function only<T>(name: string, field: string, given: unknown, usual: T): T {
  return (readOptions<Record<string, unknown>>(name, [field], [given])[field] ?? usual) as T;
}

/** x itself. @see https://keras.io/api/layers/activations/#linear-function */
export const linear = (x: Tensor): Tensor => x;

/** Options of {@link relu}. */
export interface ReluOptions {
  /** Slope below the threshold, 0 if left out. */
  negativeSlope?: number | undefined;
  /** Where the output stops to grow; nowhere if left out. */
  maxValue?: number | null | undefined;
  /** Below it values count as negative; 0 if left out. */
  threshold?: number | undefined;
}

/**
 * max(x, 0), and Keras's variations of it.
 *
 * @see https://keras.io/api/layers/activations/#relu-function
 */
export function relu(
  x: Tensor,
  negativeSlope?: number | ReluOptions,
  maxValue?: number | null | ReluOptions,
  threshold?: number | ReluOptions,
): Tensor {
  const names = ['negativeSlope', 'maxValue', 'threshold'] as const;
  const read = readOptions<ReluOptions>('relu', names, [negativeSlope, maxValue, threshold]);
  const slope = finite('relu', 'negativeSlope', read.negativeSlope ?? 0);
  const border = finite('relu', 'threshold', read.threshold ?? 0);
  const most = (read.maxValue ?? null) === null ? null : finite('relu', 'maxValue', read.maxValue);
  if (slope !== 0 && most === null && border === 0) return leakyRelu(x, slope);
  const above = border === 0 ? rectified(x) : where(greater(x, border), x, 0);
  const clipped = most === null ? above : most === 6 && border === 0 ? sixth(x) : clip(above, 0, most);
  return slope === 0 ? clipped : sub(clipped, mul(rectified(sub(border, x)), slope));
}

/** min(max(x, 0), 6), whose slope at 6 is 0, as at 0. */
const sixth = (x: Tensor): Tensor => where(less(x, 6), rectified(x), 6);

/** min(max(x, 0), 6). @see https://keras.io/api/layers/activations/#relu6-function */
export const relu6 = (x: Tensor): Tensor => sixth(x);

/**
 * x where it is positive, else `negativeSlope` · x, 0.2 if left out.
 *
 * @see https://keras.io/api/layers/activations/#leakyrelu-function
 */
export function leakyRelu(x: Tensor, negativeSlope?: number | { negativeSlope?: number | undefined }): Tensor {
  const slope = finite('leakyRelu', 'negativeSlope', only('leakyRelu', 'negativeSlope', negativeSlope, 0.2));
  return where(greater(x, 0), x, mul(x, slope));
}

/**
 * x where it is positive, else `alpha` · (exp(x) − 1); alpha is 1 if left out.
 *
 * @see https://keras.io/api/layers/activations/#elu-function
 */
export function elu(x: Tensor, alpha?: number | { alpha?: number | undefined }): Tensor {
  const a = finite('elu', 'alpha', only('elu', 'alpha', alpha, 1));
  const above = greater(x, 0);
  // Masked inside too: exp of a large x would put ∞ · 0 into the gradient.
  return where(above, x, mul(expm1(where(above, 0, x)), a));
}

/** The scaled ELU of self-normalizing networks. @see https://keras.io/api/layers/activations/#selu-function */
export function selu(x: Tensor): Tensor {
  const above = greaterEqual(x, 0);
  return mul(where(above, x, mul(expm1(where(above, 0, x)), 1.6732632423543772)), 1.0507009873554805);
}

/**
 * x where it is positive, else `alpha` · (exp(x / alpha) − 1); alpha is 1 if left out.
 *
 * @see https://keras.io/api/layers/activations/#celu-function
 */
export function celu(x: Tensor, alpha?: number | { alpha?: number | undefined }): Tensor {
  const a = finite('celu', 'alpha', only('celu', 'alpha', alpha, 1));
  return add(maximum(x, 0), mul(expm1(div(minimum(x, 0), a)), a));
}

/**
 * x · Φ(x), with Φ the normal distribution; `approximate` uses tanh instead of erf, `false` if left out.
 *
 * @see https://keras.io/api/layers/activations/#gelu-function
 */
export function gelu(x: Tensor, approximate?: boolean | { approximate?: boolean | undefined }): Tensor {
  const rough = flag('gelu', 'approximate', only('gelu', 'approximate', approximate, false));
  const inner = rough
    ? tanh(mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
    : erf(mul(x, Math.SQRT1_2));
  return mul(mul(x, 0.5), add(inner, 1));
}

/** x · sigmoid(x). @see https://keras.io/api/layers/activations/#silu-function */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** The other name of silu. */
export const swish = silu;

/**
 * The first half of an axis (the last if left out) times the sigmoid of the second half.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an odd side
 * @see https://keras.io/api/layers/activations/#glu-function
 */
export function glu(x: Tensor, axis?: number | { axis?: number | undefined }): Tensor {
  const [values, gates] = split(x, 2, whole('glu', 'axis', only('glu', 'axis', axis, -1))) as [Tensor, Tensor];
  return mul(values, sigmoid(gates));
}

/** relu6(x + 3) / 6. @see https://keras.io/api/layers/activations/#hardsigmoid-function */
export const hardSigmoid = (x: Tensor): Tensor => div(sixth(add(x, 3)), 6);

/** x · hardSigmoid(x). @see https://keras.io/api/layers/activations/#hardsilu-function */
export const hardSilu = (x: Tensor): Tensor => mul(x, hardSigmoid(x));

/** The other name of hardSilu. */
export const hardSwish = hardSilu;

/** x, but at least −1 and at most 1. @see https://keras.io/api/layers/activations/#hardtanh-function */
export const hardTanh = (x: Tensor): Tensor => clip(x, -1, 1);

/**
 * x where |x| is over the threshold, 0.5 if left out, else 0.
 *
 * @see https://keras.io/api/layers/activations/#hardshrink-function
 */
export function hardShrink(x: Tensor, threshold?: number | { threshold?: number | undefined }): Tensor {
  const border = finite('hardShrink', 'threshold', only('hardShrink', 'threshold', threshold, 0.5));
  return where(greater(abs(x), border), x, 0);
}

/**
 * x, nearer to 0 by the threshold, 0.5 if left out.
 *
 * @see https://keras.io/api/layers/activations/#softshrink-function
 */
export function softShrink(x: Tensor, threshold?: number | { threshold?: number | undefined }): Tensor {
  const border = finite('softShrink', 'threshold', only('softShrink', 'threshold', threshold, 0.5));
  return where(greater(x, border), sub(x, border), where(less(x, -border), add(x, border), 0));
}

/** x − tanh(x). @see https://keras.io/api/layers/activations/#tanhshrink-function */
export const tanhShrink = (x: Tensor): Tensor => sub(x, tanh(x));

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
  x: Tensor,
  threshold: number | ThresholdOptions,
  defaultValue?: number | ThresholdOptions,
): Tensor {
  const names = ['threshold', 'defaultValue'] as const;
  const read = readOptions<ThresholdOptions>('threshold', names, [threshold, defaultValue]);
  const border = finite('threshold', 'threshold', read.threshold);
  return where(greater(x, border), x, finite('threshold', 'defaultValue', read.defaultValue));
}

/** log(sigmoid(x)). @see https://keras.io/api/layers/activations/#logsigmoid-function */
export const logSigmoid = (x: Tensor): Tensor => mul(softplus(mul(x, -1)), -1);

/** x / (1 + |x|). @see https://keras.io/api/layers/activations/#softsign-function */
export const softsign = (x: Tensor): Tensor => div(x, add(abs(x), 1));

/**
 * (x + √(x² + b)) / 2, near to max(x, 0); b is 4 if left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a b below 0
 * @see https://keras.io/api/layers/activations/#squareplus-function
 */
export function squareplus(x: Tensor, b?: number | { b?: number | undefined }): Tensor {
  const width = numberWithin('squareplus', 'b', only('squareplus', 'b', b, 4), 0, Infinity);
  return div(add(x, sqrt(add(square(x), width))), 2);
}

/** 0 up to −1, x from 1 on, (x + 1)² / 4 between. @see https://keras.io/api/layers/activations/#sparseplus-function */
export const sparsePlus = (x: Tensor): Tensor =>
  where(lessEqual(x, -1), 0, where(less(x, 1), mul(square(add(x, 1)), 0.25), x));

/** 0 up to −1, 1 from 1 on, (x + 1) / 2 between. @see https://keras.io/api/layers/activations/#sparsesigmoid-function */
export const sparseSigmoid = (x: Tensor): Tensor =>
  where(lessEqual(x, -1), 0, where(greaterEqual(x, 1), 1, mul(add(x, 1), 0.5)));

/** exp(x). @see https://keras.io/api/layers/activations/#exponential-function */
export const exponential = (x: Tensor): Tensor => exp(x);

/** x · tanh(softplus(x)). @see https://keras.io/api/layers/activations/#mish-function */
export const mish = (x: Tensor): Tensor => mul(x, tanh(softplus(x)));

/** Which axes a softmax runs over: one, several together, or (`null`) all. */
export interface SoftmaxOptions {
  /** The last if left out. */
  axis?: Axes | undefined;
}

/** Applies a function of one axis over several. */
function over(name: string, x: Tensor, given: unknown, f: (x: Tensor, axis: number) => Tensor): Tensor {
  const read = readOptions<{ axis?: Axes }>(name, ['axis'], [given]);
  const axis = read.axis === undefined ? -1 : read.axis;
  if (axis === null) return reshape(f(flatten(x), 0), x.shape);
  if (typeof axis === 'number') return f(x, axis);
  const axes = axis.map((a) => whole(name, 'axis', a)).map((a) => (a < 0 ? a + x.rank : a));
  const rest = [...x.shape.keys()].filter((a) => !axes.includes(a));
  const order = [...rest, ...axes];
  const front = x.transpose(order);
  const together = f(reshape(front, [...rest.map((a) => x.dim(a)), -1]), -1);
  return reshape(together, front.shape).transpose(order.map((_, a) => order.indexOf(a)));
}

/**
 * Exponentials that sum to 1 over an axis, the last if left out, over several or (`null`) all.
 *
 * @see https://keras.io/api/layers/activations/#softmax-function
 */
export function softmax(x: Tensor, axis?: number | ListBeside<SoftmaxOptions> | null | SoftmaxOptions): Tensor {
  return over('softmax', x, axis, softmaxOf);
}

/**
 * The logarithm of softmax, without its rounding.
 *
 * @see https://keras.io/api/layers/activations/#logsoftmax-function
 */
export function logSoftmax(x: Tensor, axis?: number | ListBeside<SoftmaxOptions> | null | SoftmaxOptions): Tensor {
  return over('logSoftmax', x, axis, logSoftmaxOf);
}

/**
 * max(x − τ, 0) over an axis, the last if left out: like softmax, with zeros. τ is Keras's, which counts partial sums
 * where the usual sparsemax counts one: where several numbers are above it they need not sum to 1.
 *
 * @see https://keras.io/api/layers/activations/#sparsemax-function
 */
export function sparsemax(x: Tensor, axis?: number | { axis?: number | undefined }): Tensor {
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
