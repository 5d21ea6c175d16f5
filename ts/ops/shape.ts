import { badArgument, shown, whole } from '../errors.ts';
import { tensor } from '../tensor/from.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Shape } from '../tensor/types.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { axisOf } from './arguments.ts';
import { where } from './elementwise.ts';

const sides = (shape: Shape): number[] => shape.map((n) => n ?? -1);

/** The same elements, row by row, in another shape; one side may be -1 and takes what is left. */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  if (!Array.isArray(shape)) throw badArgument('reshape', `shape must be an array; received ${shown(shape)}.`);
  return apply('reshape', { shape: sides(shape).map((n) => whole('reshape', 'shape', n, -1)) }, [x])[0]!;
}

/** All elements in one row. */
export function flatten(x: TensorLike): Tensor {
  return reshape(x, [-1]);
}

/** Axes in another order; without one, reversed. */
export function transpose(x: TensorLike, order?: readonly number[]): Tensor {
  const t = toTensor(x, 'transpose');
  if (order && !Array.isArray(order))
    throw badArgument('transpose', `the order must be an array of axes; received ${shown(order)}.`);
  const perm = order ? order.map((axis) => axisOf('transpose', axis, t)) : [...t.shape.keys()].reverse();
  return apply('transpose', { perm }, [t])[0]!;
}

/** Moves one axis to another place, or some axes to as many places; the others keep their order. */
export function moveaxis(x: TensorLike, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const t = toTensor(x, 'moveaxis');
  const places = (given: number | readonly number[]) =>
    (Array.isArray(given) ? given : [given]).map((axis) => axisOf('moveaxis', axis, t));
  const [sources, targets] = [places(from), places(to)];
  const different = (list: readonly number[]) => new Set(list).size === list.length;
  if (sources.length !== targets.length || !different(sources) || !different(targets))
    throw badArgument(
      'moveaxis',
      `expected as many places as axes, each once; received ${shown(from)} and ${shown(to)}.`,
    );
  const rest = [...t.shape.keys()].filter((axis) => !sources.includes(axis));
  return transpose(
    t,
    Array.from(t.shape, (_, place) => sources[targets.indexOf(place)] ?? rest.shift()!),
  );
}

/** Swaps two axes. */
export function swapaxes(x: TensorLike, one: number, other: number): Tensor {
  const t = toTensor(x, 'swapaxes');
  const [a, b] = [axisOf('swapaxes', one, t), axisOf('swapaxes', other, t)];
  return transpose(
    t,
    [...t.shape.keys()].map((axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/** Sides of 1 where the new tensor has these axes. */
export function expandDims(x: TensorLike, axis: number | readonly number[]): Tensor {
  const t = toTensor(x, 'expandDims');
  const added = Array.isArray(axis) ? axis : [axis];
  const rank = t.rank + added.length;
  const places = new Set(added.map((a) => axisOf('expandDims', a, t, rank)));
  if (places.size < added.length) throw badArgument('expandDims', `each axis once; received ${shown(axis)}.`);
  const rest = [...t.shape];
  if (rest.filter((n) => n === null).length < 2)
    return reshape(
      t,
      Array.from({ length: rank }, (_, i) => (places.has(i) ? 1 : rest.shift()!)),
    );
  // A reshape cannot leave two sides unknown; broadcasting adds axes in front, and from there they move.
  const always = tensor([true], { shape: Array<number>(rank).fill(1) });
  let [front, own] = [0, added.length];
  return transpose(
    where(always, t, t),
    Array.from({ length: rank }, (_, i) => (places.has(i) ? front++ : own++)),
  );
}

/** Without sides of 1: all of them, or those along some axes. */
export function squeeze(x: TensorLike, axis?: number | readonly number[] | null): Tensor {
  const t = toTensor(x, 'squeeze');
  const given = axis === undefined || axis === null ? undefined : Array.isArray(axis) ? axis : [axis];
  const axes = given?.map((a) => axisOf('squeeze', a, t)) ?? [...t.shape.keys()].filter((i) => t.shape[i] === 1);
  const wide = axes.find((i) => t.shape[i] !== 1);
  if (wide !== undefined) throw badArgument('squeeze', `axis ${wide} of ${t} is not 1.`);
  if (axes.length === 0) return t;
  const rest = t.shape.filter((_, i) => !axes.includes(i));
  if (rest.filter((n) => n === null).length < 2) return reshape(t, rest);
  // A reshape cannot leave two sides unknown; the largest of one element is that element.
  return apply('reduce', { kind: 'max', axes, keepdims: false }, [t])[0]!;
}

/** Repeated along sides of 1 and new leading axes; -1 keeps a side. */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  if (!Array.isArray(shape)) throw badArgument('broadcastTo', `shape must be an array; received ${shown(shape)}.`);
  return apply('broadcastTo', { shape: sides(shape).map((n) => whole('broadcastTo', 'shape', n, -1)) }, [x])[0]!;
}

/** The whole tensor several times along each of its last axes. */
export function tile(x: TensorLike, repeats: number | readonly number[]): Tensor {
  const t = toTensor(x, 'tile');
  const last = (Array.isArray(repeats) ? repeats : [repeats]).map((n) => whole('tile', 'repeats', n, 0));
  const times = [...Array(Math.max(0, t.rank - last.length)).fill(1), ...last] as number[];
  const shape = [...Array(times.length - t.rank).fill(1), ...t.shape.map((_, i) => t.dim(i))] as number[];
  const apart = reshape(
    t,
    shape.flatMap((n) => [1, n]),
  );
  const repeated = broadcastTo(
    apart,
    shape.flatMap((n, i) => [times[i]!, n]),
  );
  return reshape(
    repeated,
    shape.map((n, i) => n * times[i]!),
  );
}

/**
 * Each element several times in a row along an axis, all as often or each slice as often as a list says; without an
 * axis, of the flattened tensor.
 */
export function repeat(x: TensorLike, repeats: number | readonly number[], axis: number | null = null): Tensor {
  const t = axis === null ? flatten(x) : toTensor(x, 'repeat');
  const along = axis === null ? 0 : axisOf('repeat', axis, t);
  if (Array.isArray(repeats) && repeats.length !== 1) return repeatEach(t, repeats, along);
  const times = whole('repeat', 'repeats', Array.isArray(repeats) ? repeats[0] : repeats, 0);
  const inner = expandDims(t, along + 1);
  const shape = inner.shape.map((n, i) => (i === along + 1 ? times : n));
  return reshape(
    broadcastTo(inner, shape),
    t.shape.map((n, i) => (i === along ? t.dim(along) * times : n)),
  );
}

function repeatEach(x: Tensor, repeats: readonly number[], axis: number): Tensor {
  if (repeats.length !== x.dim(axis))
    throw badArgument('repeat', `repeats must have one number for each slice along axis ${axis} of ${x}.`);
  const places = repeats.flatMap((times, i) => Array<number>(whole('repeat', 'repeats', times, 0)).fill(i));
  return apply('gather', { axis }, [x, tensor(Int32Array.from(places))])[0]!;
}
