import { badArgument, shown, whole } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { type Axes, axesOf, axisOf, optionsOf } from './arguments.ts';
import { concat } from './combine.ts';
import { add, cast, div, equal, greaterEqual, lessEqual, mul, sub, where } from './elementwise.ts';
import { pad } from './pad.ts';
import { max, mean, min, type ReduceOptions, sum } from './reduce.ts';
import { expandDims, flatten, reshape, swapaxes, transpose } from './shape.ts';
import { flip, slice } from './slicing.ts';

/** A range along one axis. */
function along(x: Tensor, axis: number, begin: number | null, end: number | null): Tensor {
  const rest = Array<null>(axis).fill(null);
  return slice(x, [...rest, begin], [...rest, end]);
}

/**
 * The elements moved on by `shift` places along some axes; what leaves at the end comes in at the front. Without an axis
 * the flattened tensor is rolled and takes its shape again.
 *
 * @see https://keras.io/api/ops/numpy/#roll-function
 */
export function roll(
  x: TensorLike,
  shift: number | readonly number[],
  axis: number | readonly number[] | null = null,
): Tensor {
  const t = toTensor(x, 'roll');
  if (axis === null) return reshape(roll(flatten(t), shift, 0), t.shape);
  const axes = axesOf('roll', axis);
  const shifts: readonly number[] = Array.isArray(shift) ? shift : axes.map(() => shift as number);
  if (shifts.length !== axes.length)
    throw badArgument('roll', `shift and axis must go together; received ${shown(shift)} and ${shown(axis)}.`);
  return axes.reduce<Tensor>((y, given, i) => {
    const place = axisOf('roll', given, t);
    const n = t.dim(place);
    const by = n === 0 ? 0 : whole('roll', 'shift', shifts[i]) % n;
    if (by === 0) return y;
    return concat([along(y, place, -by, null), along(y, place, null, -by)], place);
  }, t);
}

/**
 * Turned by 90 degrees `k` times, from the first of two axes towards the second.
 *
 * @see https://keras.io/api/ops/numpy/#rot90-function
 */
export function rot90(x: TensorLike, k = 1, axes: readonly [number, number] = [0, 1]): Tensor {
  const t = toTensor(x, 'rot90');
  if (!Array.isArray(axes) || axes.length !== 2)
    throw badArgument('rot90', `axes must be two axes; received ${shown(axes)}.`);
  const [a, b] = axes.map((axis) => axisOf('rot90', axis, t)) as [number, number];
  if (a === b) throw badArgument('rot90', `axes must be two different ones; received ${shown(axes)}.`);
  const turns = ((whole('rot90', 'k', k) % 4) + 4) % 4;
  if (turns === 0) return t;
  if (turns === 2) return flip(t, [a, b]);
  return turns === 1 ? flip(swapaxes(t, a, b), a) : swapaxes(flip(t, a), a, b);
}

/** The place of each element of the last two axes along one of them: int32 [rows, 1] or [1, columns]. */
function places(t: Tensor, axis: -2 | -1): Tensor {
  const shape = axis === -2 ? [t.dim(-2), 1] : [1, t.dim(-1)];
  return apply('iota', { dtype: 'int32', shape, axis: axis === -2 ? 0 : 1 }, [])[0]!;
}

/** The elements of matrices where a condition on row + k and column holds, else 0. */
function part(where_: string, x: TensorLike, k: number, holds: (column: Tensor, row: Tensor) => Tensor): Tensor {
  const t = toTensor(x, where_);
  if (t.rank < 2) throw badArgument(where_, `expected at least two axes; received ${t}.`);
  whole(where_, 'k', k);
  return where(holds(places(t, -1), add(places(t, -2), k)), t, cast(0, t.dtype));
}

/**
 * The lower triangles of matrices [..., rows, columns], 0 above the k-th diagonal.
 *
 * @see https://keras.io/api/ops/numpy/#tril-function
 */
export function tril(x: TensorLike, k = 0): Tensor {
  return part('tril', x, k, lessEqual);
}

/**
 * The upper triangles of matrices [..., rows, columns], 0 below the k-th diagonal.
 *
 * @see https://keras.io/api/ops/numpy/#triu-function
 */
export function triu(x: TensorLike, k = 0): Tensor {
  return part('triu', x, k, greaterEqual);
}

/**
 * The diagonals of matrices that lie along two axes: the `offset`-th above the main one, along a new last axis.
 *
 * @see https://keras.io/api/ops/numpy/#diagonal-function
 */
export function diagonal(x: TensorLike, offset = 0, axis1 = 0, axis2 = 1): Tensor {
  const t = toTensor(x, 'diagonal');
  whole('diagonal', 'offset', offset);
  const [a, b] = [axisOf('diagonal', axis1, t), axisOf('diagonal', axis2, t)];
  if (a === b) throw badArgument('diagonal', `axis1 and axis2 must differ; received ${axis1} and ${axis2}.`);
  const rest = [...t.shape.keys()].filter((axis) => axis !== a && axis !== b);
  const last = rest.length;
  const matrices = transpose(t, [...rest, a, b]);
  const rows = Math.max(0, Math.min(t.dim(a) + Math.min(offset, 0), t.dim(b) - Math.max(offset, 0)));
  const first = along(matrices, last, Math.max(0, -offset), Math.max(0, -offset) + rows);
  const square = along(first, last + 1, Math.max(0, offset), Math.max(0, offset) + rows);
  return sum(where(equal(places(square, -1), places(square, -2)), square, cast(0, t.dtype)), -1);
}

/**
 * Of a matrix its k-th diagonal; of a vector the matrix with it on the k-th diagonal and 0 elsewhere.
 *
 * @see https://keras.io/api/ops/numpy/#diag-function
 */
export function diag(x: TensorLike, k = 0): Tensor {
  const t = toTensor(x, 'diag');
  if (t.rank === 2) return diagonal(t, k);
  if (t.rank !== 1) throw badArgument('diag', `expected a vector or a matrix; received ${t}.`);
  whole('diag', 'k', k);
  const n = t.dim(0);
  const row = expandDims(t, 0);
  const column = apply('iota', { dtype: 'int32', shape: [n, 1], axis: 0 }, [])[0]!;
  const square = where(equal(places(row, -1), column), row, cast(0, t.dtype));
  return pad(square, [
    [Math.max(0, -k), Math.max(0, k)],
    [Math.max(0, k), Math.max(0, -k)],
  ]);
}

/**
 * The matrix with all elements on the k-th diagonal.
 *
 * @see https://keras.io/api/ops/numpy/#diagflat-function
 */
export function diagflat(x: TensorLike, k = 0): Tensor {
  return diag(flatten(x), k);
}

/**
 * The sum of the diagonal of the matrices along two axes.
 *
 * @see https://keras.io/api/ops/numpy/#trace-function
 */
export function trace(x: TensorLike, offset = 0, axis1 = 0, axis2 = 1): Tensor {
  return sum(diagonal(x, offset, axis1, axis2), -1);
}

/**
 * One tensor behind another along an axis; flattened, if it is left out.
 *
 * @see https://keras.io/api/ops/numpy/#append-function
 */
export function append(x: TensorLike, y: TensorLike, axis: number | null = null): Tensor {
  return axis === null ? concat([flatten(x), flatten(y)]) : concat([x, y], axis);
}

/**
 * The product of all elements up to each one along an axis; without an axis, of the flattened tensor.
 *
 * @see https://keras.io/api/ops/numpy/#cumprod-function
 */
export function cumprod(x: TensorLike, axis: number | null = null): Tensor {
  const t = axis === null ? flatten(x) : toTensor(x, 'cumprod');
  const a = axisOf('cumprod', axis ?? 0, t);
  let y = t;
  // After each round an element holds the product of twice as many: no division, so zeros are no trouble.
  for (let step = 1; step < t.dim(a); step *= 2) {
    const later = mul(along(y, a, step, null), along(y, a, null, -step));
    y = concat([along(y, a, null, step), later], a);
  }
  return y;
}

/**
 * The differences of neighbours along an axis, the last if left out, taken `n` times.
 *
 * @see https://keras.io/api/ops/numpy/#diff-function
 */
export function diff(x: TensorLike, n = 1, axis = -1): Tensor {
  const t = toTensor(x, 'diff');
  const a = axisOf('diff', axis, t);
  let y = t;
  for (let i = whole('diff', 'n', n, 0); i > 0; i--) y = sub(along(y, a, 1, null), along(y, a, null, -1));
  return y;
}

/** What {@link average} takes. */
export interface AverageOptions {
  /** What each element counts: of the tensor's shape, or along the axis. */
  weights?: TensorLike | null | undefined;
}

/**
 * The weighted mean over an axis, over all elements if left out.
 *
 * @see https://keras.io/api/ops/numpy/#average-function
 */
export function average(x: TensorLike, axis: number | null = null, options?: AverageOptions): Tensor {
  const { weights = null } = optionsOf<AverageOptions>('average', options, ['weights']);
  const t = toTensor(x, 'average');
  if (weights === null) return mean(t, axis);
  const given = toTensor(weights, 'average');
  const w = given.rank === 1 && t.rank > 1 ? lined(given, t, axis) : given;
  if (w.rank !== t.rank)
    throw badArgument('average', `weights must have the shape of ${t}, or be along its axis; received ${given}.`);
  return div(sum(mul(t, w), axis), sum(add(w, mul(t, 0)), axis));
}

function lined(weights: Tensor, t: Tensor, axis: number | null): Tensor {
  if (axis === null) return weights;
  const a = axisOf('average', axis, t);
  return expandDims(
    weights,
    [...t.shape.keys()].filter((i) => i !== a),
  );
}

/**
 * The greatest less the smallest, over some axes or all.
 *
 * @see https://keras.io/api/ops/numpy/#ptp-function
 */
export function ptp(x: TensorLike, axis?: Axes, options?: ReduceOptions): Tensor {
  return sub(max(x, axis, options), min(x, axis, options));
}

// Keras's name.
export { flatten as ravel } from './shape.ts';
