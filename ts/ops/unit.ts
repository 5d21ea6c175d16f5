import type { Tensor } from '../tensor/tensor.ts';
import { greater, mul, rsqrt, square, sum, where } from './index.ts';

/** Keras's epsilon. */
const epsilon = 1e-7;

/** x divided by its norm along an axis, by 1e-7 where that is less: zeros stay, and have a gradient. */
export function unit(x: Tensor, axis: number): Tensor {
  const squares = sum(square(x), axis, { keepdims: true });
  const enough = greater(squares, epsilon ** 2);
  return mul(x, where(enough, rsqrt(where(enough, squares, 1)), 1 / epsilon));
}
