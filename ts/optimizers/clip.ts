import { add, clip, div, equal, maximum, minimum, mul, sqrt, square, sub, sum, where } from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';

const squares = (x: Tensor): Tensor => sum(square(x));

/** A gradient scaled down to a norm if its own is greater. */
export function clipByNorm(gradient: Tensor, norm: number): Tensor {
  const own = sqrt(squares(gradient));
  return div(mul(gradient, norm), maximum(own, norm));
}

/** A gradient cut to −value … value. */
export function clipByValue(gradient: Tensor, value: number): Tensor {
  return clip(gradient, -value, value);
}

/** All gradients scaled down if their common norm is greater; NaN if that is not finite, as in Keras. */
export function clipByGlobalNorm(gradients: readonly Tensor[], norm: number): Tensor[] {
  const own = sqrt(gradients.map(squares).reduce((a, b) => add(a, b)));
  const safe = where(equal(own, 0), norm, own);
  const scale = add(mul(minimum(div(1, safe), 1 / norm), norm), sub(own, own));
  return gradients.map((gradient) => mul(gradient, scale));
}
