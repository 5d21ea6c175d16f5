import { finite } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describe } from '../tensor/types.ts';
import { type TensorLike, toTensor } from './apply.ts';
import { optionsOf } from './arguments.ts';
import {
  abs,
  add,
  equal,
  isFinite as isFiniteNumber,
  lessEqual,
  logicalAnd,
  logicalOr,
  mul,
  sub,
} from './elementwise.ts';
import { all } from './reduce.ts';

function sameShape(x: Tensor, y: Tensor): boolean {
  return describe(x.type).shape.join() === describe(y.type).shape.join();
}

/** Whether two tensors have one shape and the same numbers. */
export async function equals(x: TensorLike, y: TensorLike): Promise<boolean> {
  const [a, b] = [toTensor(x, 'equals'), toTensor(y, 'equals')];
  return sameShape(a, b) && (await all(equal(a, b)).item()) === 1;
}

/** What {@link allClose} takes. */
export interface CloseOptions {
  /** How far off, in parts of |y|; 1e-5 if left out. */
  rtol?: number | undefined;
  /** How far off besides, 1e-8 if left out. */
  atol?: number | undefined;
}

/** Whether two tensors have one shape and |x − y| ≤ atol + rtol · |y| everywhere; NaN is close to nothing. */
export async function allClose(x: TensorLike, y: TensorLike, options?: CloseOptions): Promise<boolean> {
  const { rtol = 1e-5, atol = 1e-8 } = optionsOf<CloseOptions>('allClose', options, ['rtol', 'atol']);
  finite('allClose', 'rtol', rtol);
  finite('allClose', 'atol', atol);
  const [a, b] = [toTensor(x, 'allClose'), toTensor(y, 'allClose')];
  if (!sameShape(a, b)) return false;
  const near = lessEqual(abs(sub(a, b)), add(mul(abs(b), rtol), atol));
  // Equal infinities are close although their difference is NaN; otherwise an infinite bound proves nothing.
  const close = logicalOr(equal(a, b), logicalAnd(near, isFiniteNumber(b)));
  return (await all(close).item()) === 1;
}
