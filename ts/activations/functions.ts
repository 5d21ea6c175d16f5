import {
  abs,
  clip,
  erf,
  exp,
  expm1,
  greater,
  minimum,
  relu as rectified,
  sigmoid,
  softplus,
  tanh,
  where,
} from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';

// Ops that are activations as they are.
export { logSoftmax, sigmoid, softmax, softplus, tanh } from '../ops/index.ts';

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
  const above = threshold === 0 ? rectified(x) : where(greater(x, threshold), x, 0);
  const clipped = maxValue === null ? above : clip(above, 0, maxValue);
  return negativeSlope === 0 ? clipped : clipped.sub(rectified(x.neg().add(threshold)).mul(negativeSlope));
}

/** min(max(x, 0), 6). */
export const relu6 = (x: Tensor): Tensor => minimum(rectified(x), 6);

/** x where it is positive, else `negativeSlope` · x. */
export const leakyRelu = (x: Tensor, negativeSlope = 0.2): Tensor => where(greater(x, 0), x, x.mul(negativeSlope));

/** x where it is positive, else `alpha` · (exp(x) − 1). */
export function elu(x: Tensor, alpha = 1): Tensor {
  const above = greater(x, 0);
  // Masked inside too: exp of a large x would put ∞ · 0 into the gradient.
  return where(above, x, expm1(where(above, 0, x)).mul(alpha));
}

/** The scaled ELU of self-normalizing networks. */
export const selu = (x: Tensor): Tensor => elu(x, 1.6732632423543772).mul(1.0507009873554805);

/** x where it is positive, else `alpha` · (exp(x / alpha) − 1). */
export function celu(x: Tensor, alpha = 1): Tensor {
  const above = greater(x, 0);
  return where(above, x, expm1(where(above, 0, x).div(alpha)).mul(alpha));
}

/** x · Φ(x), with Φ the normal distribution; `approximate` uses tanh instead of erf. */
export function gelu(x: Tensor, approximate = false): Tensor {
  const inner = approximate
    ? tanh(x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)))
    : erf(x.mul(Math.SQRT1_2));
  return x.mul(0.5).mul(inner.add(1));
}

/** x · sigmoid(x). */
export const silu = (x: Tensor): Tensor => x.mul(sigmoid(x));

/** The other name of silu. */
export const swish = silu;

/** relu6(x + 3) / 6. */
export const hardSigmoid = (x: Tensor): Tensor => relu6(x.add(3)).mul(1 / 6);

/** x · hardSigmoid(x). */
export const hardSilu = (x: Tensor): Tensor => x.mul(hardSigmoid(x));

/** log(sigmoid(x)). */
export const logSigmoid = (x: Tensor): Tensor => softplus(x.neg()).neg();

/** x / (1 + |x|). */
export const softsign = (x: Tensor): Tensor => x.div(abs(x).add(1));

/** exp(x). */
export const exponential = (x: Tensor): Tensor => exp(x);

/** x · tanh(softplus(x)). */
export const mish = (x: Tensor): Tensor => x.mul(tanh(softplus(x)));
