import { badArgument, shown, whole } from '../errors.ts';
import { tensor } from '../tensor/from.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { axisOf, indicesOf } from './arguments.ts';
import { cast, where } from './elementwise.ts';
import { broadcastTo, squeeze } from './shape.ts';

/** What `at` takes for an axis: a number picks and drops it, `null` keeps it, else a range. */
export type Index = number | null | readonly [begin: number | null, end?: number | null, step?: number];

interface Range {
  begin: number;
  end: number | null;
  step: number;
}

const everything: Range = { begin: 0, end: null, step: 1 };

function ranges(x: Tensor, given: readonly Range[]): Tensor {
  const full = x.shape.map((_, i) => given[i] ?? everything);
  if (full.every(({ begin, end, step }) => begin === 0 && end === null && step === 1)) return x;
  const of = <K extends keyof Range>(key: K) => full.map((range) => range[key]);
  return apply('slice', { begin: of('begin'), end: of('end'), step: of('step') }, [x])[0]!;
}

/**
 * Elements from `begin` up to, without, `end`, along the first axes; clamped, `null` is the edge,
 * negative ones count from the end.
 */
export function slice(
  x: TensorLike,
  begin: number | readonly (number | null)[],
  end: number | readonly (number | null)[] | null = null,
): Tensor {
  const t = toTensor(x, 'slice');
  const [from, to] = [Array.isArray(begin) ? begin : [begin], Array.isArray(end) ? end : [end]];
  const count = Math.max(from.length, end === null ? 0 : to.length);
  if (count > t.rank) throw badArgument('slice', `${t} has ${t.rank} axes; received ${count}.`);
  const place = (field: string, n: unknown) => (n === null || n === undefined ? null : whole('slice', field, n));
  return ranges(
    t,
    Array.from({ length: count }, (_, i) => ({
      begin: place('begin', from[i]) ?? 0,
      end: place('end', to[i]),
      step: 1,
    })),
  );
}

/** An index as a range, and whether it drops its axis. */
function rangeOf(x: Tensor, index: Index, axis: number): Range {
  if (index === null) return everything;
  if (Array.isArray(index)) {
    const [begin = null, end = null, step = 1] = index;
    return {
      begin: begin === null ? 0 : whole('at', 'begin', begin),
      end: end === null ? null : whole('at', 'end', end),
      step: whole('at', 'step', step, 1),
    };
  }
  const i = whole('at', 'index', index);
  const n = x.shape[axis];
  if (n !== null && n !== undefined && (i < -n || i >= n))
    throw badArgument('at', `index ${i} is outside of axis ${axis} of ${x}.`);
  return { begin: i, end: i === -1 ? null : i + 1, step: 1 };
}

function checkIndices(x: Tensor, indices: readonly Index[]): void {
  if (!Array.isArray(indices)) throw badArgument('with', `expected an array of indices; received ${shown(indices)}.`);
  if (indices.length > x.rank) throw badArgument('at', `${x} has ${x.rank} axes; received ${indices.length} indices.`);
}

/** Part of a tensor: a number picks and drops an axis, `null` keeps it, `[begin, end, step]` is a range. */
export function at(x: TensorLike, ...indices: Index[]): Tensor {
  const t = toTensor(x, 'at');
  checkIndices(t, indices);
  const picked = indices.flatMap((index, axis) => (typeof index === 'number' ? [axis] : []));
  const part = ranges(
    t,
    indices.map((index, axis) => rangeOf(t, index, axis)),
  );
  return picked.length ? squeeze(part, picked) : part;
}

/** The tensor with the part that `at(...indices)` is replaced by values that broadcast to it. */
function changed(x: TensorLike, indices: readonly Index[], value: TensorLike): Tensor {
  const t = toTensor(x, 'with');
  checkIndices(t, indices);
  const given = indices.map((index, axis) => rangeOf(t, index, axis));
  const part = ranges(t, given);
  const low: number[] = [];
  const high: number[] = [];
  const interior: number[] = [];
  for (const [axis, side] of part.shape.entries()) {
    const { begin, step } = given[axis] ?? everything;
    const n = t.dim(axis);
    const first = begin < 0 ? Math.max(0, n + begin) : Math.min(begin, n);
    const taken = side! > 0 ? (side! - 1) * step + 1 : 0;
    low.push(first);
    high.push(n - first - taken);
    interior.push(step - 1);
  }
  const spread = (y: Tensor) => apply('pad', { low, high, interior, value: 0 }, [y])[0]!;
  const mask = spread(broadcastTo(tensor(new Uint8Array([1]), { shape: [] }), part.shape));
  const kept = indices.flatMap((index, axis) => (typeof index === 'number' ? [axis] : []));
  const like = cast(toTensor(value, 'with', t.dtype), t.dtype);
  const filled = kept.length ? insertAxes(like, kept, t.rank) : like;
  return where(cast(mask, 'bool'), spread(broadcastTo(filled, part.shape)), t);
}

/** Puts back, as sides of 1, the axes that numbers picked, so that a value lines up. */
function insertAxes(value: Tensor, picked: readonly number[], rank: number): Tensor {
  const shape: number[] = [];
  const rest = [...value.shape] as number[];
  for (let axis = rank - 1; axis >= 0 && rest.length; axis--) shape.unshift(picked.includes(axis) ? 1 : rest.pop()!);
  if (rest.length) throw badArgument('with', `${value} has more axes than the part it replaces.`);
  return apply('reshape', { shape }, [value])[0]!;
}

export { changed as with };

/** Slices along an axis at int32 indices, in their shape. */
export function gather(x: TensorLike, indices: TensorLike, axis = 0): Tensor {
  const t = toTensor(x, 'gather');
  return apply('gather', { axis: axisOf('gather', axis, t) }, [t, indicesOf('gather', indices)])[0]!;
}

/** The tensor cut along an axis: into so many equal parts, or before each of some indices. */
export function split(x: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const t = toTensor(x, 'split');
  const along = axisOf('split', axis, t);
  const n = t.dim(along);
  if (!Array.isArray(parts)) {
    const count = whole('split', 'parts', parts, 1);
    if (n % count) throw badArgument('split', `axis ${along} of ${t} cannot be cut into ${count} equal parts.`);
  }
  const cuts = Array.isArray(parts)
    ? parts.map((cut) => whole('split', 'parts', cut, 0))
    : Array.from({ length: (parts as number) - 1 }, (_, i) => ((i + 1) * n) / (parts as number));
  const piece = (begin: number, end: number) =>
    ranges(t, [...Array(along).fill(everything), { begin, end: Math.max(begin, end), step: 1 }]);
  return [...cuts, n].map((cut, i) => piece(i === 0 ? 0 : cuts[i - 1]!, cut));
}

/** The slices along an axis, without it. */
export function unstack(x: TensorLike, axis = 0): Tensor[] {
  const t = toTensor(x, 'unstack');
  const along = axisOf('unstack', axis, t);
  return split(t, t.dim(along), along).map((part) => squeeze(part, along));
}

/** The other way round along some axes; along all if left out. */
export function flip(x: TensorLike, axis: number | readonly number[] | null = null): Tensor {
  const t = toTensor(x, 'flip');
  const axes = axis === null ? [...t.shape.keys()] : Array.isArray(axis) ? axis : [axis];
  if (!Array.isArray(axes)) throw badArgument('flip', `axis must be numbers; received ${shown(axis)}.`);
  return axes.reduce<Tensor>((y, a) => {
    const along = axisOf('flip', a, t);
    const n = y.dim(along);
    return gather(y, tensor(Int32Array.from({ length: n }, (_, i) => n - 1 - i)), along);
  }, t);
}
