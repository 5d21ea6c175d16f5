import { type TensorLike, toTensor } from '../ops/apply.ts';
import { cast } from '../ops/index.ts';
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
