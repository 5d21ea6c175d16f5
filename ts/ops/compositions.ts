import { badArgument, finite, shown } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type TensorLike, toTensor } from './apply.ts';
import { optionsOf } from './arguments.ts';
import {
  abs,
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  expm1,
  isFinite as isFiniteNumber,
  isNan,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  mul,
  neg,
  pow,
  sign,
  sin,
  sqrt,
  square,
  sub,
  where,
} from './elementwise.ts';

type Unary = (x: TensorLike) => Tensor;

/** The tangent. @see https://keras.io/api/ops/numpy/#tan-function */
export const tan: Unary = (x) => div(sin(x), cos(x));
/** The hyperbolic sine. @see https://keras.io/api/ops/numpy/#sinh-function */
export const sinh: Unary = (x) => {
  // Through exp(x) − 1, which stays exact near 0.
  const e = expm1(abs(x));
  return mul(sign(x), mul(0.5, add(e, div(e, add(e, 1)))));
};
/** The hyperbolic cosine. @see https://keras.io/api/ops/numpy/#cosh-function */
export const cosh: Unary = (x) => mul(0.5, add(exp(x), exp(neg(x))));
/** The logarithm to base 2. @see https://keras.io/api/ops/numpy/#log2-function */
export const log2: Unary = (x) => mul(log(x), Math.LOG2E);
/** The logarithm to base 10. @see https://keras.io/api/ops/numpy/#log10-function */
export const log10: Unary = (x) => mul(log(x), Math.LOG10E);
/** 2 to the power of x. @see https://keras.io/api/ops/numpy/#exp2-function */
export const exp2: Unary = (x) => pow(2, x);
/** Degrees as radians. @see https://keras.io/api/ops/numpy/#deg2rad-function */
export const deg2rad: Unary = (x) => mul(x, Math.PI / 180);
/** Radians as degrees. @see https://keras.io/api/ops/numpy/#rad2deg-function */
export const rad2deg: Unary = (x) => mul(x, 180 / Math.PI);
/** Whether x is infinite. @see https://keras.io/api/ops/numpy/#isinf-function */
export const isInf: Unary = (x) => logicalNot(logicalOr(isFiniteNumber(x), isNan(x)));

/** √(x² + y²). @see https://keras.io/api/ops/numpy/#hypot-function */
export function hypot(x: TensorLike, y: TensorLike): Tensor {
  return sqrt(add(square(x), square(y)));
}

/** log(exp(x) + exp(y)), without overflow. @see https://keras.io/api/ops/numpy/#logaddexp-function */
export function logaddexp(x: TensorLike, y: TensorLike): Tensor {
  const difference = sub(x, y);
  // Equal infinities differ by NaN.
  const apart = where(isNan(difference), cast(0, 'float32'), neg(abs(difference)));
  return add(maximum(x, y), log1p(exp(apart)));
}

/** x / y, and 0 where y is 0. @see https://keras.io/api/ops/numpy/#dividenonan-function */
export function divideNoNan(x: TensorLike, y: TensorLike): Tensor {
  const zero = equal(y, 0);
  return where(zero, cast(0, 'float32'), div(x, where(zero, 1, y)));
}

/** What {@link isClose} takes. */
export interface IsCloseOptions {
  /** How far off, in parts of |y|; 1e-5 if left out. */
  rtol?: number | undefined;
  /** How far off besides, 1e-8 if left out. */
  atol?: number | undefined;
  /** Whether NaN is close to NaN; `false` if left out. */
  equalNan?: boolean | undefined;
}

/** Whether |x − y| ≤ atol + rtol · |y|, for each element. @see https://keras.io/api/ops/numpy/#isclose-function */
export function isClose(x: TensorLike, y: TensorLike, options?: IsCloseOptions): Tensor {
  const names: (keyof IsCloseOptions)[] = ['rtol', 'atol', 'equalNan'];
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = optionsOf<IsCloseOptions>('isClose', options, names);
  finite('isClose', 'rtol', rtol);
  finite('isClose', 'atol', atol);
  const near = lessEqual(abs(sub(x, y)), add(mul(abs(y), rtol), atol));
  const close = logicalOr(equal(x, y), logicalAnd(near, isFiniteNumber(y)));
  return equalNan ? logicalOr(close, logicalAnd(isNan(x), isNan(y))) : close;
}

/** What {@link nanToNum} puts. */
export interface NanToNumOptions {
  /** For NaN; 0 if left out. */
  nan?: number | undefined;
  /** For ∞; the greatest float32 if left out. */
  posinf?: number | null | undefined;
  /** For −∞; the least float32 if left out. */
  neginf?: number | null | undefined;
}

const greatest = (2 - 2 ** -23) * 2 ** 127;

/** The numbers, with finite ones for NaN and infinities. @see https://keras.io/api/ops/numpy/#nantonum-function */
export function nanToNum(x: TensorLike, options?: NanToNumOptions): Tensor {
  const names: (keyof NanToNumOptions)[] = ['nan', 'posinf', 'neginf'];
  const { nan = 0, posinf, neginf } = optionsOf<NanToNumOptions>('nanToNum', options, names);
  const t = toTensor(x, 'nanToNum');
  if (t.dtype !== 'float32') return t;
  const above = where(equal(t, Infinity), posinf ?? greatest, t);
  const below = where(equal(t, -Infinity), neginf ?? -greatest, above);
  return where(isNan(t), nan, below);
}

/**
 * Of several choices the first whose condition holds, else the default.
 *
 * @see https://keras.io/api/ops/numpy/#select-function
 */
export function select(
  conditions: readonly TensorLike[],
  choices: readonly TensorLike[],
  otherwise: TensorLike = 0,
): Tensor {
  if (!Array.isArray(conditions) || conditions.length === 0 || conditions.length !== choices?.length)
    throw badArgument(
      'select',
      `expected as many conditions as choices, at least one; received ${shown(conditions)} and ${shown(choices)}.`,
    );
  return conditions.reduceRight<Tensor>(
    (rest, condition, i) => where(condition, choices[i]!, rest),
    toTensor(otherwise, 'select'),
  );
}
