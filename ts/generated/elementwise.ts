// Written by `npm run generate`; do not edit.

import { one, type TensorLike, wholeBeside } from '../ops/apply.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** x + y. */
export function add(x: TensorLike, y: TensorLike): Tensor {
  return one('add', x, y);
}

/** x − y. */
export function sub(x: TensorLike, y: TensorLike): Tensor {
  return one('sub', x, y);
}

/** x · y. */
export function mul(x: TensorLike, y: TensorLike): Tensor {
  return one('mul', x, y);
}

/** x / y, float32. */
export function div(x: TensorLike, y: TensorLike): Tensor {
  return one('div', x, y);
}

/** The largest whole number up to x / y. */
export function floorDiv(x: TensorLike, y: TensorLike): Tensor {
  return one('floorDiv', x, y);
}

/** x − y · floorDiv(x, y). */
export function mod(x: TensorLike, y: TensorLike): Tensor {
  return one('mod', x, y);
}

/** x to the power of y. Of whole numbers it is whole and wraps; a negative power of them is 0, but for 1 and −1. */
export function pow(x: TensorLike, y: TensorLike): Tensor {
  return one('pow', x, y);
}

/** The larger of x and y. */
export function maximum(x: TensorLike, y: TensorLike): Tensor {
  return one('maximum', x, y);
}

/** The smaller of x and y. */
export function minimum(x: TensorLike, y: TensorLike): Tensor {
  return one('minimum', x, y);
}

/** −x. */
export function neg(x: TensorLike): Tensor {
  return one('neg', x);
}

/** |x|. */
export function abs(x: TensorLike): Tensor {
  return one('abs', x);
}

/** −1, 0 or 1. */
export function sign(x: TensorLike): Tensor {
  return one('sign', x);
}

/** x². */
export function square(x: TensorLike): Tensor {
  return one('square', x);
}

/** The square root. */
export function sqrt(x: TensorLike): Tensor {
  return one('sqrt', x);
}

/** 1 / √x. */
export function rsqrt(x: TensorLike): Tensor {
  return one('rsqrt', x);
}

/** 1 / x. */
export function reciprocal(x: TensorLike): Tensor {
  return one('reciprocal', x);
}

/** √(x² + y²), without overflow. */
export function hypot(x: TensorLike, y: TensorLike): Tensor {
  return one('hypot', x, y);
}

/** e to the power of x. */
export function exp(x: TensorLike): Tensor {
  return one('exp', x);
}

/** exp(x) − 1, exact near 0. */
export function expm1(x: TensorLike): Tensor {
  return one('expm1', x);
}

/** 2 to the power of x, exact for whole numbers. */
export function exp2(x: TensorLike): Tensor {
  return one('exp2', x);
}

/** The natural logarithm. */
export function log(x: TensorLike): Tensor {
  return one('log', x);
}

/** log(1 + x), exact near 0. */
export function log1p(x: TensorLike): Tensor {
  return one('log1p', x);
}

/** The logarithm to base 2. */
export function log2(x: TensorLike): Tensor {
  return one('log2', x);
}

/** The logarithm to base 10. */
export function log10(x: TensorLike): Tensor {
  return one('log10', x);
}

/** The sine. */
export function sin(x: TensorLike): Tensor {
  return one('sin', x);
}

/** The cosine. */
export function cos(x: TensorLike): Tensor {
  return one('cos', x);
}

/** The tangent. */
export function tan(x: TensorLike): Tensor {
  return one('tan', x);
}

/** The angle whose sine is x, in radians from −π/2 to π/2. */
export function arcsin(x: TensorLike): Tensor {
  return one('arcsin', x);
}

/** The angle whose cosine is x, in radians from 0 to π. */
export function arccos(x: TensorLike): Tensor {
  return one('arccos', x);
}

/** The angle whose tangent is x, in radians from −π/2 to π/2. */
export function arctan(x: TensorLike): Tensor {
  return one('arctan', x);
}

/** The angle of the point (y, x), in radians from −π to π: that of tangent x / y. */
export function arctan2(x: TensorLike, y: TensorLike): Tensor {
  return one('arctan2', x, y);
}

/** The hyperbolic sine. */
export function sinh(x: TensorLike): Tensor {
  return one('sinh', x);
}

/** The hyperbolic cosine. */
export function cosh(x: TensorLike): Tensor {
  return one('cosh', x);
}

/** The hyperbolic tangent. */
export function tanh(x: TensorLike): Tensor {
  return one('tanh', x);
}

/** The number whose hyperbolic sine is x. */
export function arcsinh(x: TensorLike): Tensor {
  return one('arcsinh', x);
}

/** The number from 0 on whose hyperbolic cosine is x; NaN below 1. */
export function arccosh(x: TensorLike): Tensor {
  return one('arccosh', x);
}

/** The number whose hyperbolic tangent is x; NaN outside −1 … 1. */
export function arctanh(x: TensorLike): Tensor {
  return one('arctanh', x);
}

/** 1 / (1 + exp(−x)). */
export function sigmoid(x: TensorLike): Tensor {
  return one('sigmoid', x);
}

/** log(1 + exp(x)). */
export function softplus(x: TensorLike): Tensor {
  return one('softplus', x);
}

/** The error function. */
export function erf(x: TensorLike): Tensor {
  return one('erf', x);
}

/** 1 − erf(x), exact where that is small. */
export function erfc(x: TensorLike): Tensor {
  return one('erfc', x);
}

/** The number whose error function is x; NaN outside −1 … 1. */
export function erfinv(x: TensorLike): Tensor {
  return one('erfinv', x);
}

/** max(x, 0). */
export function relu(x: TensorLike): Tensor {
  return one('relu', x);
}

/** min(max(x, 0), 6), whose slope at 6 is 0, as at 0. */
export function relu6(x: TensorLike): Tensor {
  return one('relu6', x);
}

/** The next whole number downwards. */
export function floor(x: TensorLike): Tensor {
  return one('floor', x);
}

/** The next whole number upwards. */
export function ceil(x: TensorLike): Tensor {
  return one('ceil', x);
}

/** The nearest whole number; halves go to the even one. */
export function round(x: TensorLike): Tensor {
  return one('round', x);
}

/** The whole number next to x towards 0. */
export function trunc(x: TensorLike): Tensor {
  return one('trunc', x);
}

/** The next float32 after x in the direction of y. */
export function nextafter(x: TensorLike, y: TensorLike): Tensor {
  return one('nextafter', x, y);
}

/** x, through which nothing is differentiated. */
export function stopGradient(x: TensorLike): Tensor {
  return one('stopGradient', x);
}

/** Whether x = y. */
export function equal(x: TensorLike, y: TensorLike): Tensor {
  return one('equal', x, y);
}

/** Whether x ≠ y. */
export function notEqual(x: TensorLike, y: TensorLike): Tensor {
  return one('notEqual', x, y);
}

/** Whether x < y. */
export function less(x: TensorLike, y: TensorLike): Tensor {
  return one('less', x, y);
}

/** Whether x ≤ y. */
export function lessEqual(x: TensorLike, y: TensorLike): Tensor {
  return one('lessEqual', x, y);
}

/** Whether x > y. */
export function greater(x: TensorLike, y: TensorLike): Tensor {
  return one('greater', x, y);
}

/** Whether x ≥ y. */
export function greaterEqual(x: TensorLike, y: TensorLike): Tensor {
  return one('greaterEqual', x, y);
}

/** Whether x is neither infinite nor NaN. */
export function isFinite(x: TensorLike): Tensor {
  return one('isFinite', x);
}

/** Whether x is NaN. */
export function isNan(x: TensorLike): Tensor {
  return one('isNan', x);
}

/** Whether x is infinite. */
export function isInf(x: TensorLike): Tensor {
  return one('isInf', x);
}

/** Whether x has a minus sign, be it a zero. */
export function signbit(x: TensorLike): Tensor {
  return one('signbit', x);
}

/** Whether both hold. */
export function logicalAnd(x: TensorLike, y: TensorLike): Tensor {
  return one('logicalAnd', x, y);
}

/** Whether one of them holds. */
export function logicalOr(x: TensorLike, y: TensorLike): Tensor {
  return one('logicalOr', x, y);
}

/** Whether exactly one holds. */
export function logicalXor(x: TensorLike, y: TensorLike): Tensor {
  return one('logicalXor', x, y);
}

/** Whether it does not hold. */
export function logicalNot(x: TensorLike): Tensor {
  return one('logicalNot', x);
}

/** The bits that both have. */
export function bitwiseAnd(x: TensorLike, y: TensorLike): Tensor {
  return one('bitwiseAnd', wholeBeside(x, y), wholeBeside(y, x));
}

/** The bits that one of them has. */
export function bitwiseOr(x: TensorLike, y: TensorLike): Tensor {
  return one('bitwiseOr', wholeBeside(x, y), wholeBeside(y, x));
}

/** The bits that exactly one has. */
export function bitwiseXor(x: TensorLike, y: TensorLike): Tensor {
  return one('bitwiseXor', wholeBeside(x, y), wholeBeside(y, x));
}

/** The bits that x lacks. */
export function bitwiseNot(x: TensorLike): Tensor {
  return one('bitwiseNot', wholeBeside(x));
}

/** The bits of x moved up by y places; those that leave are lost. */
export function leftShift(x: TensorLike, y: TensorLike): Tensor {
  return one('leftShift', wholeBeside(x, y), wholeBeside(y, x));
}

/** The bits of x moved down by y places; the sign moves in. */
export function rightShift(x: TensorLike, y: TensorLike): Tensor {
  return one('rightShift', wholeBeside(x, y), wholeBeside(y, x));
}

/** The greatest whole number that divides both. */
export function gcd(x: TensorLike, y: TensorLike): Tensor {
  return one('gcd', wholeBeside(x, y), wholeBeside(y, x));
}

/** x where the condition holds, else y. */
export function where(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor {
  return one('where', condition, x, y);
}
