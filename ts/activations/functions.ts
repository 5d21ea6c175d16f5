import { apply } from '../ops/apply.ts';
import type { Tensor } from '../tensor.ts';

const one = (name: string, x: Tensor, attributes: object = {}): Tensor => apply(name, attributes, [x])[0]!;
const where = (condition: Tensor, x: Tensor | number, y: Tensor | number): Tensor =>
  apply('where', {}, [condition, x, y])[0]!;
const positive = (x: Tensor): Tensor => apply('greater', {}, [x, 0])[0]!;

/** x itself. */
export const linear = (x: Tensor): Tensor => x;

/**
 * max(x, 0), and Keras's variations of it.
 *
 * @param options.negativeSlope slope below the threshold
 * @param options.maxValue where the output stops to grow
 * @param options.threshold below it values count as negative
 */
export function relu(
  x: Tensor,
  options: {
    negativeSlope?: number | undefined;
    maxValue?: number | null | undefined;
    threshold?: number | undefined;
  } = {},
): Tensor {
  const { negativeSlope = 0, maxValue = null, threshold = 0 } = options;
  if (negativeSlope !== 0 && maxValue === null && threshold === 0) return leakyRelu(x, negativeSlope);
  const above = threshold === 0 ? one('relu', x) : where(apply('greater', {}, [x, threshold])[0]!, x, 0);
  const clipped = maxValue === null ? above : clip(above, 0, maxValue);
  return negativeSlope === 0 ? clipped : clipped.sub(one('relu', x.neg().add(threshold)).mul(negativeSlope));
}

const clip = (x: Tensor, low: number, high: number): Tensor =>
  apply('minimum', {}, [apply('maximum', {}, [x, low])[0]!, high])[0]!;

/** min(max(x, 0), 6). */
export const relu6 = (x: Tensor): Tensor => apply('minimum', {}, [one('relu', x), 6])[0]!;

/** x where it is positive, else `negativeSlope` · x. */
export const leakyRelu = (x: Tensor, negativeSlope = 0.2): Tensor => where(positive(x), x, x.mul(negativeSlope));

/** x where it is positive, else `alpha` · (exp(x) − 1). */
export function elu(x: Tensor, alpha = 1): Tensor {
  const above = positive(x);
  // Masked inside too: exp of a large x would put ∞ · 0 into the gradient.
  return where(above, x, one('expm1', where(above, 0, x)).mul(alpha));
}

/** The scaled ELU of self-normalizing networks. */
export const selu = (x: Tensor): Tensor => elu(x, 1.6732632423543772).mul(1.0507009873554805);

/** x where it is positive, else `alpha` · (exp(x / alpha) − 1). */
export function celu(x: Tensor, alpha = 1): Tensor {
  const above = positive(x);
  return where(above, x, one('expm1', where(above, 0, x).div(alpha)).mul(alpha));
}

/** x · Φ(x), with Φ the normal distribution; `approximate` uses tanh instead of erf. */
export function gelu(x: Tensor, approximate = false): Tensor {
  const inner = approximate
    ? one('tanh', x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)))
    : one('erf', x.mul(Math.SQRT1_2));
  return x.mul(0.5).mul(inner.add(1));
}

/** x · sigmoid(x). */
export const silu = (x: Tensor): Tensor => x.mul(one('sigmoid', x));

/** The other name of silu. */
export const swish = silu;

/** 1 / (1 + exp(−x)). */
export const sigmoid = (x: Tensor): Tensor => one('sigmoid', x);

/** relu6(x + 3) / 6. */
export const hardSigmoid = (x: Tensor): Tensor => relu6(x.add(3)).mul(1 / 6);

/** x · hardSigmoid(x). */
export const hardSilu = (x: Tensor): Tensor => x.mul(hardSigmoid(x));

/** log(sigmoid(x)). */
export const logSigmoid = (x: Tensor): Tensor => one('softplus', x.neg()).neg();

/** The hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => one('tanh', x);

/** log(1 + exp(x)). */
export const softplus = (x: Tensor): Tensor => one('softplus', x);

/** x / (1 + |x|). */
export const softsign = (x: Tensor): Tensor => x.div(one('abs', x).add(1));

/** exp(x). */
export const exponential = (x: Tensor): Tensor => one('exp', x);

/** x · tanh(softplus(x)). */
export const mish = (x: Tensor): Tensor => x.mul(one('tanh', one('softplus', x)));

/** Exponentials that sum to 1 along an axis. */
export const softmax = (x: Tensor, axis = -1): Tensor => one('softmax', x, { axis });

/** The logarithm of softmax, without its rounding. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => one('logSoftmax', x, { axis });
