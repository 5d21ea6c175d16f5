import { finite, whole } from '../errors.ts';
import type { Axes } from '../ops/arguments.ts';
import {
  clip,
  exp,
  flatten,
  greater,
  leakyRelu,
  logSoftmax as logSoftmaxOf,
  mul,
  relu as rectified,
  relu6,
  reshape,
  softmax as softmaxOf,
  softplus,
  sub,
  tanh,
  where,
} from '../ops/index.ts';
import { type ListBeside, optional, readOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';

// Ops that are activations as they are.
export * from '../ops/activations.ts';
export { relu6, sigmoid, softplus, tanh } from '../ops/index.ts';

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
  const most = optional(finite, 'relu', 'maxValue', read.maxValue);
  if (slope !== 0 && most === null && border === 0) return leakyRelu(x, slope);
  const above = border === 0 ? rectified(x) : where(greater(x, border), x, 0);
  const clipped = most === null ? above : most === 6 && border === 0 ? relu6(x) : clip(above, 0, most);
  return slope === 0 ? clipped : sub(clipped, mul(rectified(sub(border, x)), slope));
}

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
