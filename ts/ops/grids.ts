import { badArgument, oneOf, shown, whole } from '../errors.ts';
import type { DTypeOptions } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDType } from '../tensor/types.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { optionsOf } from './arguments.ts';
import { concat, stack } from './combine.ts';
import { add, cast, lessEqual } from './elementwise.ts';
import { broadcastTo, expandDims, reshape } from './shape.ts';

/** What {@link meshgrid} takes. */
export interface MeshgridOptions {
  /** Whether the first vector runs along the second axis (`'xy'`, if left out) or along the first (`'ij'`). */
  indexing?: 'xy' | 'ij' | undefined;
}

/**
 * The coordinates of all points of a grid, from vectors of coordinates: as many tensors as vectors, each of the grid's
 * shape.
 *
 * @see https://keras.io/api/ops/numpy/#meshgrid-function
 */
export function meshgrid(vectors: readonly TensorLike[], options?: MeshgridOptions): Tensor[] {
  const { indexing = 'xy' } = optionsOf<MeshgridOptions>('meshgrid', options, ['indexing']);
  oneOf('meshgrid', 'indexing', indexing, ['xy', 'ij']);
  if (!Array.isArray(vectors))
    throw badArgument('meshgrid', `expected an array of vectors; received ${shown(vectors)}.`);
  const rows = vectors.map((x) => reshape(toTensor(x, 'meshgrid'), [-1]));
  const swaps = indexing === 'xy' && rows.length > 1;
  const axisOf = (i: number) => (swaps && i < 2 ? 1 - i : i);
  const shape = rows.map((_, axis) => rows[axisOf(axis)]!.dim(0));
  const along = (row: Tensor, axis: number) =>
    expandDims(
      row,
      [...shape.keys()].filter((a) => a !== axis),
    );
  return rows.map((row, i) => broadcastTo(rows.length > 1 ? along(row, axisOf(i)) : row, shape));
}

/**
 * A matrix [rows, columns] of ones up to the k-th diagonal and zeros above; square if `columns` is left out, float32.
 *
 * @see https://keras.io/api/ops/numpy/#tri-function
 */
export function tri(rows: number, columns: number | null = null, k = 0, options?: DTypeOptions): Tensor {
  const { dtype = 'float32' } = optionsOf<DTypeOptions>('tri', options, ['dtype']);
  const shape = [whole('tri', 'rows', rows, 0), whole('tri', 'columns', columns ?? rows, 0)];
  const place = (axis: number) => apply('iota', { dtype: 'int32', shape, axis }, [])[0]!;
  return cast(lessEqual(place(1), add(place(0), whole('tri', 'k', k))), checkDType('tri', dtype));
}

const tensors = (where: string, list: readonly TensorLike[]): Tensor[] => {
  if (!Array.isArray(list) || list.length === 0)
    throw badArgument(where, `expected an array of tensors; received ${shown(list)}.`);
  return list.map((x) => toTensor(x, where));
};

/**
 * Tensors side by side: along the second axis, vectors along their only one.
 *
 * @see https://keras.io/api/ops/numpy/#hstack-function
 */
export function hstack(list: readonly TensorLike[]): Tensor {
  const all = tensors('hstack', list).map((t) => (t.rank === 0 ? reshape(t, [1]) : t));
  return concat(all, all[0]!.rank === 1 ? 0 : 1);
}

/**
 * Tensors below each other: along the first axis, vectors as rows.
 *
 * @see https://keras.io/api/ops/numpy/#vstack-function
 */
export function vstack(list: readonly TensorLike[]): Tensor {
  const all = tensors('vstack', list);
  return all[0]!.rank < 2 ? stack(all.map((t) => reshape(t, [-1]))) : concat(all);
}

/**
 * Tensors behind each other: along the third axis, which those of fewer axes get.
 *
 * @see https://keras.io/api/ops/numpy/#dstack-function
 */
export function dstack(list: readonly TensorLike[]): Tensor {
  const deep = (t: Tensor) => (t.rank < 2 ? reshape(t, [1, -1, 1]) : t.rank === 2 ? expandDims(t, 2) : t);
  return concat(tensors('dstack', list).map(deep), 2);
}
