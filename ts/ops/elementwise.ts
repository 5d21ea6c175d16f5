import type { Tensor } from '../tensor/tensor.ts';
import { checkDType, type DType } from '../tensor/types.ts';
import { apply, type Elementwise, one, type TensorLike } from './apply.ts';

type Unary = (x: TensorLike) => Tensor;
type Binary = (x: TensorLike, y: TensorLike) => Tensor;

const unary =
  (name: Elementwise<1>): Unary =>
  (x) =>
    one(name, x);
const binary =
  (name: Elementwise<2>): Binary =>
  (x, y) =>
    one(name, x, y);

/** x + y. */
export const add: Binary = binary('add');
/** x − y. */
export const sub: Binary = binary('sub');
/** x · y. */
export const mul: Binary = binary('mul');
/** x / y, float32. */
export const div: Binary = binary('div');
/** The largest whole number up to x / y. */
export const floorDiv: Binary = binary('floorDiv');
/** x − y · floorDiv(x, y). */
export const mod: Binary = binary('mod');
/** x to the power of y, float32. */
export const pow: Binary = binary('pow');
/** The larger of x and y. */
export const maximum: Binary = binary('maximum');
/** The smaller of x and y. */
export const minimum: Binary = binary('minimum');

/** −x. */
export const neg: Unary = unary('neg');
/** |x|. */
export const abs: Unary = unary('abs');
/** −1, 0 or 1. */
export const sign: Unary = unary('sign');
/** x². */
export const square: Unary = unary('square');
/** The square root. */
export const sqrt: Unary = unary('sqrt');
/** 1 / √x. */
export const rsqrt: Unary = unary('rsqrt');
/** 1 / x. */
export const reciprocal: Unary = unary('reciprocal');
/** e to the power of x. */
export const exp: Unary = unary('exp');
/** exp(x) − 1, exact near 0. */
export const expm1: Unary = unary('expm1');
/** The natural logarithm. */
export const log: Unary = unary('log');
/** log(1 + x), exact near 0. */
export const log1p: Unary = unary('log1p');
/** The sine. */
export const sin: Unary = unary('sin');
/** The cosine. */
export const cos: Unary = unary('cos');
/** The hyperbolic tangent. */
export const tanh: Unary = unary('tanh');
/** 1 / (1 + exp(−x)). */
export const sigmoid: Unary = unary('sigmoid');
/** log(1 + exp(x)). */
export const softplus: Unary = unary('softplus');
/** The error function. */
export const erf: Unary = unary('erf');
/** max(x, 0). */
export const relu: Unary = unary('relu');
/** The next whole number downwards. */
export const floor: Unary = unary('floor');
/** The next whole number upwards. */
export const ceil: Unary = unary('ceil');
/** The nearest whole number; halves go to the even one. */
export const round: Unary = unary('round');
/** x, through which nothing is differentiated. */
export const stopGradient: Unary = unary('stopGradient');

/** Whether x = y. */
export const equal: Binary = binary('equal');
/** Whether x ≠ y. */
export const notEqual: Binary = binary('notEqual');
/** Whether x < y. */
export const less: Binary = binary('less');
/** Whether x ≤ y. */
export const lessEqual: Binary = binary('lessEqual');
/** Whether x > y. */
export const greater: Binary = binary('greater');
/** Whether x ≥ y. */
export const greaterEqual: Binary = binary('greaterEqual');
/** Whether x is neither infinite nor NaN. */
const finite: Unary = unary('isFinite');
/** Whether x is NaN. */
export const isNan: Unary = unary('isNan');
/** Whether both hold. */
export const logicalAnd: Binary = binary('logicalAnd');
/** Whether one of them holds. */
export const logicalOr: Binary = binary('logicalOr');
/** Whether exactly one holds. */
export const logicalXor: Binary = binary('logicalXor');
/** Whether it does not hold. */
export const logicalNot: Unary = unary('logicalNot');

/** x where the condition holds, else y. */
export function where(condition: TensorLike, x: TensorLike, y: TensorLike): Tensor {
  return one('where', condition, x, y);
}

/** To another dtype. Floats are cut towards 0; bool is whether a number is not 0. */
export function cast(x: TensorLike, dtype: DType): Tensor {
  return apply('cast', { dtype: checkDType('cast', dtype) }, [x])[0]!;
}

/** x, but at least `low` and at most `high`. */
export function clip(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  return minimum(maximum(x, low), high);
}

// Keras's longer names.
export {
  abs as absolute,
  div as divide,
  div as trueDivide,
  finite as isFinite,
  floorDiv as floorDivide,
  mul as multiply,
  neg as negative,
  pow as power,
  sub as subtract,
};
