import { badArgument, shown, whole } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { axisOf, indicesOf, optionsOf } from './arguments.ts';
import { cast, mul, where } from './elementwise.ts';
import { expandDims, moveaxis, reshape, squeeze } from './shape.ts';

function several(where: string, tensors: readonly TensorLike[]): Tensor[] {
  if (Array.isArray(tensors) && tensors.length) return tensors.map((x) => toTensor(x, where));
  throw badArgument(where, `expected an array of tensors; received ${shown(tensors)}.`);
}

/** Tensors one after the other along an axis, the first if left out. */
export function concat(tensors: readonly TensorLike[], axis = 0): Tensor {
  const list = several('concat', tensors);
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
 * the left, as a column on the right.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the inner sides differ
 */
export function matmul(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [toTensor(x, 'matmul'), toTensor(y, 'matmul')];
  const left = a.rank === 1 ? expandDims(a, 0) : a;
  const right = b.rank === 1 ? expandDims(b, 1) : b;
  const product = apply('matmul', { transposeA: false, transposeB: false }, [left, right])[0]!;
  const gone = [...(a.rank === 1 ? [-2] : []), ...(b.rank === 1 ? [-1] : [])];
  return gone.length ? squeeze(product, gone) : product;
}

/** What {@link pad} takes. */
export interface PadOptions {
  /** What stands there, 0 if left out. */
  value?: number | undefined;
}

/** Puts so many values before and after, along every axis. */
export function pad(
  x: TensorLike,
  padding: number | readonly [number, number] | readonly (readonly [number, number])[],
  options?: PadOptions,
): Tensor {
  const { value = 0 } = optionsOf<PadOptions>('pad', options, ['value']);
  const t = toTensor(x, 'pad');
  const each = t.shape.map((_, i) => {
    const side: unknown = !Array.isArray(padding)
      ? [padding, padding]
      : Array.isArray(padding[0])
        ? padding[i]
        : padding;
    if (!Array.isArray(side) || side.length !== 2)
      throw badArgument(
        'pad',
        `padding must be a number, [before, after], or that for each axis of ${t}; received ${shown(padding)}.`,
      );
    return side.map((n) => whole('pad', 'padding', n, 0)) as [number, number];
  });
  if (Array.isArray(padding) && Array.isArray(padding[0]) && padding.length !== t.rank)
    throw badArgument('pad', `padding must have one entry for each axis of ${t}; received ${padding.length}.`);
  const [low, high] = [each.map(([n]) => n), each.map(([, n]) => n)];
  return apply('pad', { low, high, interior: low.map(() => 0), value }, [t])[0]!;
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
