import { finite } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describe } from '../tensor/types.ts';
import { type TensorLike, toTensor } from './apply.ts';
import { floats, optionsOf } from './arguments.ts';
import {
  abs,
  add,
  equal,
  isFinite as isFiniteNumber,
  isNan,
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

/** What {@link isClose} takes. */
export interface CloseOptions {
  /** How far off, in parts of |y|; 1e-5 if left out. */
  rtol?: number | undefined;
  /** How far off besides, 1e-8 if left out. */
  atol?: number | undefined;
  /** Whether NaN is close to NaN; `false` if left out. */
  equalNan?: boolean | undefined;
}

function near(where: string, x: TensorLike, y: TensorLike, options: CloseOptions | undefined): Tensor {
  const names: (keyof CloseOptions)[] = ['rtol', 'atol', 'equalNan'];
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = optionsOf<CloseOptions>(where, options, names);
  finite(where, 'rtol', rtol);
  finite(where, 'atol', atol);
  const within = lessEqual(abs(sub(floats(x, where), floats(y, where))), add(mul(abs(y), rtol), atol));
  // Equal infinities are close although their difference is NaN; otherwise an infinite bound proves nothing.
  const close = logicalOr(equal(x, y), logicalAnd(within, isFiniteNumber(y)));
  return equalNan ? logicalOr(close, logicalAnd(isNan(x), isNan(y))) : close;
}

/** Whether |x − y| ≤ atol + rtol · |y|, for each element. @see https://keras.io/api/ops/numpy/#isclose-function */
export function isClose(x: TensorLike, y: TensorLike, options?: CloseOptions): Tensor {
  return near('isClose', x, y, options);
}

/**
 * Whether |x − y| ≤ atol + rtol · |y| everywhere: a bool tensor [].
 *
 * @see https://keras.io/api/ops/numpy/#allclose-function
 */
export function allclose(x: TensorLike, y: TensorLike, options?: CloseOptions): Tensor {
  return all(near('allclose', x, y, options));
}

/** Whether two tensors have one shape and |x − y| ≤ atol + rtol · |y| everywhere. */
export async function allClose(x: TensorLike, y: TensorLike, options?: CloseOptions): Promise<boolean> {
  const [a, b] = [toTensor(x, 'allClose'), toTensor(y, 'allClose')];
  if (!sameShape(a, b)) return false;
  return (await all(near('allClose', a, b, options)).item()) === 1;
}

// Keras's spelling.
export { isClose as isclose };
