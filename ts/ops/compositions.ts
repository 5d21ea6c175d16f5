import { badArgument, shown } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isFloat } from '../tensor/types.ts';
import { type TensorLike, toTensor } from './apply.ts';
import { floats, optionsOf } from './arguments.ts';
import {
  abs,
  add,
  cast,
  div,
  equal,
  exp,
  exp2,
  floorDiv,
  gcd,
  greater,
  isInf,
  isNan,
  less,
  log1p,
  logicalOr,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  pow,
  sign,
  sin,
  sub,
  where,
} from './elementwise.ts';

type Unary = (x: TensorLike) => Tensor;

/** Degrees as radians. @see https://keras.io/api/ops/numpy/#deg2rad-function */
export const deg2rad: Unary = (x) => mul(x, Math.PI / 180);
/** Radians as degrees. @see https://keras.io/api/ops/numpy/#rad2deg-function */
export const rad2deg: Unary = (x) => mul(x, 180 / Math.PI);
/** The cube root. @see https://keras.io/api/ops/numpy/#cbrt-function */
export const cbrt: Unary = (x) => mul(sign(x), pow(abs(x), 1 / 3));
/** sin(πx) / (πx), and 1 at 0. @see https://keras.io/api/ops/numpy/#sinc-function */
export const sinc: Unary = (x) => {
  const zero = equal(x, 0);
  // The other branch leads no gradient back, but must not be NaN there.
  const angle = mul(where(zero, 1, x), Math.PI);
  return where(zero, cast(1, 'float32'), div(sin(angle), angle));
};
/** |x|, float32. @see https://keras.io/api/ops/numpy/#fabs-function */
export const fabs: Unary = (x) => abs(cast(x, 'float32'));
/** Whether x is ∞. @see https://keras.io/api/ops/numpy/#isposinf-function */
export const isPosInf: Unary = (x) => equal(x, Infinity);
/** Whether x is −∞. @see https://keras.io/api/ops/numpy/#isneginf-function */
export const isNegInf: Unary = (x) => equal(x, -Infinity);

/** log(exp(x) + exp(y)), without overflow. @see https://keras.io/api/ops/numpy/#logaddexp-function */
export function logaddexp(x: TensorLike, y: TensorLike): Tensor {
  const difference = sub(floats(x, 'logaddexp'), floats(y, 'logaddexp'));
  // Equal infinities differ by NaN.
  const apart = where(isNan(difference), cast(0, 'float32'), neg(abs(difference)));
  return add(maximum(x, y), log1p(exp(apart)));
}

/** The logarithm to base 2 of 2^x + 2^y, without overflow. @see https://keras.io/api/ops/numpy/#logaddexp2-function */
export function logaddexp2(x: TensorLike, y: TensorLike): Tensor {
  return mul(logaddexp(mul(x, Math.LN2), mul(y, Math.LN2)), Math.LOG2E);
}

/** x · 2^y; y must be whole numbers. @see https://keras.io/api/ops/numpy/#ldexp-function */
export function ldexp(x: TensorLike, y: TensorLike): Tensor {
  const [a, power] = [toTensor(x, 'ldexp'), toTensor(y, 'ldexp', 'int32')];
  if (isFloat(power.dtype) || power.dtype === 'bool')
    throw badArgument('ldexp', `y must be whole numbers; received ${power}.`);
  return where(logicalOr(isInf(a), equal(a, 0)), cast(a, 'float32'), mul(a, exp2(power)));
}

/** The larger of x and y; where one is NaN, the other. @see https://keras.io/api/ops/numpy/#fmax-function */
export function fmax(x: TensorLike, y: TensorLike): Tensor {
  return where(isNan(x), y, where(isNan(y), x, maximum(x, y)));
}

/** The smaller of x and y; where one is NaN, the other. @see https://keras.io/api/ops/numpy/#fmin-function */
export function fmin(x: TensorLike, y: TensorLike): Tensor {
  return where(isNan(x), y, where(isNan(y), x, minimum(x, y)));
}

/** What is left of x after whole times y, with the sign of x. @see https://keras.io/api/ops/numpy/#fmod-function */
export function fmod(x: TensorLike, y: TensorLike): Tensor {
  return mul(sign(x), mod(abs(x), abs(y)));
}

/** 0 below 0, 1 above, and y where x is 0; float32. @see https://keras.io/api/ops/numpy/#heaviside-function */
export function heaviside(x: TensorLike, y: TensorLike): Tensor {
  const t = cast(x, 'float32');
  return where(less(t, 0), cast(0, 'float32'), where(greater(t, 0), cast(1, 'float32'), cast(y, 'float32')));
}

/** The least number that both divide. @see https://keras.io/api/ops/numpy/#lcm-function */
export function lcm(x: TensorLike, y: TensorLike): Tensor {
  // Divided first, so that nothing overflows on the way; 0 divided by 0 is 0.
  const divisor = gcd(x, y);
  return mul(floorDiv(cast(abs(x), divisor.dtype), divisor), cast(abs(y), divisor.dtype));
}

/** x / y, and 0 where y is 0. @see https://keras.io/api/ops/numpy/#dividenonan-function */
export function divideNoNan(x: TensorLike, y: TensorLike): Tensor {
  const zero = equal(y, 0);
  return where(zero, 0, div(x, where(zero, 1, y)));
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
  if (!isFloat(t.dtype)) return t;
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

// Keras's spelling.
export { isNegInf as isneginf, isPosInf as isposinf };
