import { badArgument, oneOf, shown, whole } from '../errors.ts';
import { tensor } from '../tensor/from.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkShape, type Shape } from '../tensor/types.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { axisOf, indicesOf, optionsOf } from './arguments.ts';
import { concat } from './combine.ts';
import {
  add,
  cast,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  maximum,
  minimum,
  mul,
  notEqual,
  sub,
  where,
} from './elementwise.ts';
import { all, sum } from './reduce.ts';
import { broadcastTo, expandDims, flatten, reshape } from './shape.ts';
import { with as changed, gather, slice } from './slicing.ts';

/** Indices of which negative ones count from the end of an axis. */
function wrapped(indices: Tensor, side: number): Tensor {
  return where(less(indices, 0), add(indices, side), indices);
}

/**
 * Slices along an axis at indices, in their shape; of the flattened tensor if the axis is left out. Negative indices
 * count from the end.
 *
 * @see https://keras.io/api/ops/numpy/#take-function
 */
export function take(x: TensorLike, indices: TensorLike, axis: number | null = null): Tensor {
  const t = axis === null ? flatten(x) : toTensor(x, 'take');
  const along = axisOf('take', axis ?? 0, t);
  return gather(t, wrapped(indicesOf('take', indices), t.dim(along)), along);
}

/**
 * For each lane along an axis the elements at its own indices, which have the tensor's rank and broadcast with it; of
 * the flattened tensor if the axis is left out. Negative indices count from the end.
 *
 * @see https://keras.io/api/ops/numpy/#takealongaxis-function
 */
export function takeAlongAxis(x: TensorLike, indices: TensorLike, axis: number | null = null): Tensor {
  const name = 'takeAlongAxis';
  const given = indicesOf(name, indices);
  const [t, i] = axis === null ? [flatten(x), flatten(given)] : [toTensor(x, name), given];
  const along = axisOf(name, axis ?? 0, t);
  if (i.rank !== t.rank) throw badArgument(name, `the indices must have the rank of ${t}; received ${i}.`);
  // The sides that both share, but for the axis: of a sum of zeros of both.
  const lane = (y: Tensor) => mul(cast(sum(y, along, { keepdims: true }), 'int32'), 0);
  const shared = add(lane(t), lane(i)).shape;
  const sides = (y: Tensor) => shared.map((side, a) => (a === along ? y.shape[a]! : side));
  const places = wrapped(i, t.dim(along));
  return apply('takeAlong', { axis: along }, [broadcastTo(t, sides(t)), broadcastTo(places, sides(i))])[0]!;
}

/** Positions [..., k] in a tensor's first k axes, as places among its slices: [m]. Out of range becomes -1, an error. */
function placesOf(name: string, indices: TensorLike, shape: readonly number[]): { places: Tensor; depth: number } {
  const t = indicesOf(name, indices);
  const depth = t.rank === 0 ? 0 : t.dim(-1);
  if (depth < 1 || depth > shape.length)
    throw badArgument(name, `the last side of indices must be from 1 to ${shape.length}; received ${t}.`);
  const steps = shape.slice(0, depth).map((_, i) => shape.slice(i + 1, depth).reduce((n, side) => n * side, 1));
  const rows = reshape(t, [-1, depth]);
  const sides = tensor(Int32Array.from(shape.slice(0, depth)));
  const inside = all(logicalAnd(greaterEqual(rows, 0), less(rows, sides)), -1);
  const places = where(inside, sum(mul(rows, tensor(Int32Array.from(steps))), -1), tensor(Int32Array.of(-1)));
  return { places, depth };
}

const product = (shape: readonly number[]): number => shape.reduce((n, side) => n * side, 1);

/**
 * Zeros of a shape to which values are added at indices: `indices` [..., k] name positions in the first k axes, `values`
 * [..., ...shape.slice(k)] what goes there. What meets is added; integers go through float32.
 *
 * @throws FoveaError `BAD_ARGUMENT` when it runs, if an index is out of range
 * @see https://keras.io/api/ops/core/#scatter-function
 */
export function scatter(indices: TensorLike, values: TensorLike, shape: Shape): Tensor {
  const sides = checkShape('scatter', shape);
  const { places, depth } = placesOf('scatter', indices, sides);
  const t = toTensor(values, 'scatter');
  const [rows, width] = [product(sides.slice(0, depth)), product(sides.slice(depth))];
  const flat = cast(reshape(t, [-1, width]), 'float32');
  const added = apply('scatterAdd', { axis: 0, size: rows }, [flat, places])[0]!;
  return cast(reshape(added, sides), t.dtype);
}

/** What {@link scatterUpdate} takes. */
export interface ScatterUpdateOptions {
  /** How values meet what is there and each other; if left out the last one takes the place. */
  reduction?: 'add' | 'max' | 'min' | null | undefined;
}

/**
 * The tensor with values at indices: `indices` [..., k] name positions in the first k axes, `updates`
 * [..., ...x.shape.slice(k)] what goes there.
 *
 * @throws FoveaError `BAD_ARGUMENT` when it runs, if an index is out of range
 * @see https://keras.io/api/ops/core/#scatterupdate-function
 */
export function scatterUpdate(
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options?: ScatterUpdateOptions,
): Tensor {
  const name = 'scatterUpdate';
  const { reduction = null } = optionsOf<ScatterUpdateOptions>(name, options, ['reduction']);
  if (reduction !== null) oneOf(name, 'reduction', reduction, ['add', 'max', 'min']);
  const t = toTensor(x, name);
  const values = cast(toTensor(updates, name, t.dtype), t.dtype);
  const sides = t.shape.map((_, axis) => t.dim(axis));
  if (reduction === 'add') return add(t, scatter(indices, values, sides));
  const { places, depth } = placesOf(name, indices, sides);
  const width = product(sides.slice(depth));
  if (values.size === 0) return t;
  // Element by element, so that of each the greatest can win; a bad index stays one.
  const row = tensor(Int32Array.from({ length: width }, (_, i) => i));
  const each = expandDims(places, 1);
  const at = flatten(where(less(each, 0), each, add(mul(each, width), row)));
  const [old, given] = [flatten(t), flatten(values)];
  const order = ranked(at, given, reduction);
  const winner = lastOfEach(gather(at, order), order, product(sides));
  const taken = gather(given, maximum(sub(winner, 1), 0));
  const met = reduction === null ? taken : (reduction === 'max' ? maximum : minimum)(old, taken);
  return reshape(where(greater(winner, 0), met, old), sides);
}

/** An order by place in which, of those that meet, the one that wins comes last. */
function ranked(at: Tensor, given: Tensor, reduction: 'max' | 'min' | null): Tensor {
  const sorted = (x: Tensor, descending: boolean) => apply('argSort', { axis: 0, descending }, [x])[0]!;
  if (reduction === null) return sorted(at, false);
  const first = sorted(given, reduction === 'min');
  return gather(first, sorted(gather(at, first), false));
}

/** For each of `size` places 1 + the number of the last that goes there, 0 for none: int32. */
function lastOfEach(places: Tensor, numbers: Tensor, size: number): Tensor {
  const changes = notEqual(slice(places, 1), slice(places, 0, -1));
  const last = concat([changes, tensor([true])]);
  const marks = cast(where(last, add(numbers, 1), 0), 'float32');
  return cast(apply('scatterAdd', { axis: 0, size }, [marks, places])[0]!, 'int32');
}

/**
 * The tensor with `updates` from the position `start` on, one number for each axis.
 *
 * @throws FoveaError `BAD_ARGUMENT` if they do not fit there
 * @see https://keras.io/api/ops/core/#sliceupdate-function
 */
export function sliceUpdate(x: TensorLike, start: readonly number[], updates: TensorLike): Tensor {
  const t = toTensor(x, 'sliceUpdate');
  const values = toTensor(updates, 'sliceUpdate', t.dtype);
  if (!Array.isArray(start) || start.length !== t.rank || values.rank !== t.rank)
    throw badArgument(
      'sliceUpdate',
      `start and updates must have the axes of ${t}; received ${shown(start)}, ${values}.`,
    );
  const ranges = start.map((from, axis): [number, number] => {
    const begin = whole('sliceUpdate', 'start', from, 0);
    const end = begin + values.dim(axis);
    if (end > t.dim(axis)) throw badArgument('sliceUpdate', `${values} from ${shown(start)} on leaves ${t}.`);
    return [begin, end];
  });
  return changed(t, ranges, values);
}

/** What {@link segmentSum} takes. */
export interface SegmentOptions {
  /** How many segments there are; must be given, since no shape can depend on values. */
  numSegments: number;
}

/**
 * The sums of the slices of a tensor [n, ...] that belong to one segment, by ids [n]: [numSegments, ...]. Slices with a
 * negative id are left out; integers go through float32.
 *
 * @throws FoveaError `BAD_ARGUMENT` when it runs, if an id is not below `numSegments`
 * @see https://keras.io/api/ops/math/#segmentsum-function
 */
export function segmentSum(data: TensorLike, segmentIds: TensorLike, options: SegmentOptions): Tensor {
  const { numSegments } = optionsOf<SegmentOptions>('segmentSum', options, ['numSegments']);
  const size = whole('segmentSum', 'numSegments', numSegments, 1);
  const t = toTensor(data, 'segmentSum');
  const ids = indicesOf('segmentSum', segmentIds);
  // What is left out goes into one more segment, which is cut off.
  const places = where(less(ids, 0), size, ids);
  const sums = apply('scatterAdd', { axis: 0, size: size + 1 }, [cast(t, 'float32'), places])[0]!;
  return cast(slice(sums, 0, size), t.dtype);
}
