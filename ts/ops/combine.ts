import { badArgument, finite, shown, whole } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isFloat } from '../tensor/types.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { axisOf, indicesOf, optionsOf } from './arguments.ts';
import { add, cast, mul, where } from './elementwise.ts';
import { max } from './reduce.ts';
import { broadcastTo, expandDims, moveaxis, reshape, squeeze } from './shape.ts';
import { commonDType, inDType, summable, wholeMatmul } from './whole.ts';

function several(where: string, tensors: readonly TensorLike[]): Tensor[] {
  if (Array.isArray(tensors) && tensors.length) return tensors.map((x) => toTensor(x, where));
  throw badArgument(where, `expected an array of tensors; received ${shown(tensors)}.`);
}

/** Tensors one after the other along an axis, the first if left out; of several dtypes in the one that they share. */
export function concat(tensors: readonly TensorLike[], axis = 0): Tensor {
  const given = several('concat', tensors);
  const list = inDType(given, commonDType(given));
  return apply('concat', { axis: axisOf('concat', axis, list[0]!) }, list)[0]!;
}

/** Tensors of one shape side by side along a new axis, the first if left out. */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  const list = several('stack', tensors);
  const along = axisOf('stack', axis, list[0]!, list[0]!.rank + 1);
  return concat(
    list.map((t) => expandDims(t, along)),
    along,
  );
}

/**
 * The product of matrices [..., n, k] and [..., k, m], of each pair in a batch: [..., n, m]. A vector counts as a row on
 * the left, as a column on the right. Whole numbers give whole numbers, int8 int32; their product is not fast.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the inner sides differ
 */
export function matmul(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [toTensor(x, 'matmul'), toTensor(y, 'matmul')];
  const left = a.rank === 1 ? expandDims(a, 0) : a;
  const right = b.rank === 1 ? expandDims(b, 1) : b;
  const dtype = commonDType([a, b]);
  const operands = left.rank > 2 && right.rank > 2 ? sameBatch(left, right) : [left, right];
  const [p, q] = inDType(operands, summable(dtype)) as [Tensor, Tensor];
  const multiplied = isFloat(dtype)
    ? apply('matmul', { transposeA: false, transposeB: false }, [p, q])[0]!
    : wholeMatmul(p, q);
  // Keras keeps the sums of int8 in int32, of vectors apart.
  const wide = dtype === 'int8' && a.rank > 1 && b.rank > 1;
  const product = wide || multiplied.dtype === dtype ? multiplied : cast(multiplied, dtype);
  const gone = [...(a.rank === 1 ? [-2] : []), ...(b.rank === 1 ? [-1] : [])];
  return gone.length ? squeeze(product, gone) : product;
}

/** Stacks of matrices as so many on both sides. */
function sameBatch(a: Tensor, b: Tensor): Tensor[] {
  const batch = (t: Tensor) => t.shape.slice(0, -2);
  if (a.rank === b.rank && String(batch(a)) === String(batch(b))) return [a, b];
  // The sides that both share: of a sum of one element of each matrix, which nobody computes.
  const one = (t: Tensor) => cast(max(t, [-2, -1]), 'float32');
  const shared = add(one(a), one(b)).shape;
  return [a, b].map((t) => broadcastTo(t, [...shared, -1, -1]));
}

/** What {@link oneHot} takes. */
export interface OneHotOptions {
  /** Where the axis of the classes stands, the last if left out. */
  axis?: number | undefined;
}

/** A 1 at each index, 0 elsewhere, along a new axis of `classes`; float32. Indices outside give zeros only. */
export function oneHot(indices: TensorLike, classes: number, options?: OneHotOptions): Tensor {
  const { axis = -1 } = optionsOf<OneHotOptions>('oneHot', options, ['axis']);
  const depth = whole('oneHot', 'classes', classes, 1);
  const hot = apply('oneHot', { depth }, [indicesOf('oneHot', indices)])[0]!;
  return axis === -1 ? hot : moveaxis(hot, -1, axis);
}

/** Zeros of a tensor's type. */
export function zerosLike(x: TensorLike): Tensor {
  return filledLike(x, 0);
}

/** Ones of a tensor's type. */
export function onesLike(x: TensorLike): Tensor {
  return filledLike(x, 1);
}

/** A number in a tensor's type. @see https://keras.io/api/ops/numpy/#fulllike-function */
export function fullLike(x: TensorLike, value: number): Tensor {
  return filledLike(x, finite('fullLike', 'value', value));
}

function filledLike(x: TensorLike, value: number): Tensor {
  const t = toTensor(x, 'zerosLike');
  const one = cast(value, t.dtype);
  if (t.shape.every((n) => n !== null)) return apply('broadcastTo', { shape: t.shape }, [one])[0]!;
  return where(true, one, t);
}

/** The outer product of two vectors. */
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [reshape(x, [-1, 1]), reshape(y, [1, -1])];
  return mul(a, b);
}

// Keras's name.
export { concat as concatenate };
