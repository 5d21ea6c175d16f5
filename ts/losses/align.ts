import { type TensorLike, toTensor } from '../ops/apply.ts';
import { cast, greater, mul, rsqrt, square, sum, where } from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';
import { sameRank } from './reduce.ts';

/** Keras's epsilon. */
export const epsilon = 1e-7;

/** A tensor of numbers, whatever they were. */
export function floats(where: string, x: TensorLike): Tensor {
  const t = toTensor(x, where);
  return t.dtype === 'float32' ? t : cast(t, 'float32');
}

/** Labels and predictions as numbers. */
export const pair = (where: string, yTrue: TensorLike, yPred: TensorLike): [Tensor, Tensor] => [
  floats(where, yTrue),
  floats(where, yPred),
];

/** Labels and predictions as numbers, of one rank where one lacks a last axis of side 1. */
export const aligned = (where: string, yTrue: TensorLike, yPred: TensorLike): [Tensor, Tensor] =>
  sameRank(...pair(where, yTrue, yPred));

/** x divided by its norm along an axis, by 1e-7 where that is less: zeros stay, and have a gradient. */
export function unit(x: Tensor, axis: number): Tensor {
  const squares = sum(square(x), axis, { keepdims: true });
  const enough = greater(squares, epsilon ** 2);
  return mul(x, where(enough, rsqrt(where(enough, squares, 1)), 1 / epsilon));
}
