import { badArgument, FoveaError, shown, whole } from '../errors.ts';
import { unknownOption } from '../options.ts';
import { Tensor } from '../tensor/tensor.ts';
import { isFloat } from '../tensor/types.ts';
import { type AttributesOf, type TensorLike, toTensor } from './apply.ts';
import { cast } from './elementwise.ts';

/** One axis, some, or (`null`) all. */
export type Axes = number | readonly number[] | null;

/** Checks axes; which there are, the op's own rule knows. `[]` stands for all. */
export function axesOf(where: string, axis: unknown): number[] {
  if (axis === null || axis === undefined) return [];
  if (!Array.isArray(axis)) return [whole(where, 'axis', axis)];
  if (axis.length === 0) throw badArgument(where, 'axis must name at least one axis, or be null for all; received [].');
  return axis.map((a) => whole(where, 'axis', a));
}

/** An axis counted from the front. */
export function axisOf(where: string, axis: unknown, x: Tensor, rank: number = x.rank): number {
  const a = whole(where, 'axis', axis);
  if (a >= -rank && a < rank) return a < 0 ? a + rank : a;
  throw badArgument(where, `axis must be from ${-rank} to ${rank - 1} for ${x}; received ${a}.`);
}

/** Whole numbers as floats, so that small ones do not wrap. */
export function floats(x: TensorLike, where: string): Tensor {
  const t = toTensor(x, where);
  return isFloat(t.dtype) ? t : cast(t, 'float32');
}

/** Throws `SHAPE_MISMATCH` unless two tensors have one shape, where broadcasting would hide that they have not. */
export function sameShape(where: string, x: Tensor, y: Tensor): void {
  if (x.rank === y.rank && x.shape.every((side, axis) => side === y.shape[axis])) return;
  throw new FoveaError('SHAPE_MISMATCH', `${where}: expected two tensors of one shape; received ${x} and ${y}.`, where);
}

/** Splits an argument that may be the options. */
export function optionsOf<O extends object>(where: string, options: O | undefined, allowed: (keyof O & string)[]): O {
  if (options === undefined) return {} as O;
  unknownOption(where, options, allowed);
  return options;
}

/** Whole numbers as int32: what `gather` and `oneHot` take. */
export function indicesOf(where: string, indices: TensorLike): Tensor {
  const t = indices instanceof Tensor ? indices.source() : toTensor(indices, where, 'int32');
  if (t.dtype === 'int32') return t;
  if (indices instanceof Tensor && isFloat(t.dtype))
    throw badArgument(where, `indices must be integers; received ${t}. Cast them first.`);
  return cast(t, 'int32');
}

/** What surrounds the input of a window: nothing, as much as keeps the size, or before and after for each axis. */
export type Padding = AttributesOf<'conv'>['padding'];

/** 'valid', 'same', or for each axis how much before and after. */
export function paddingOf(where: string, padding: unknown, axes: number): Padding {
  if (padding === 'valid' || padding === 'same') return padding;
  const side = (n: unknown) => Array.isArray(n) && n.length === 2 && n.every((p) => Number.isInteger(p) && p >= 0);
  if (Array.isArray(padding) && padding.length === axes && padding.every(side)) return padding as unknown as Padding;
  const sides = ['[[before, after]]', '[[top, bottom], [left, right]]', '[before, after] for each axis'][axes - 1];
  throw badArgument(where, `padding must be 'valid', 'same' or ${sides}; received ${shown(padding)}.`);
}
