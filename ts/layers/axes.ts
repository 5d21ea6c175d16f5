import { badArgument, shown } from '../errors.ts';
import type { Shape } from '../tensor.ts';
import { showShape } from './explain.ts';
import type { Layer } from './layer.ts';

/** Throws unless `axis` is a whole number or a list of them. */
export function axesOf(where: string, axis: unknown): number | readonly number[] {
  if (Number.isInteger(axis)) return axis as number;
  if (Array.isArray(axis) && axis.length > 0 && axis.every(Number.isInteger)) return [...axis];
  throw badArgument(where, `axis must be a whole number or a list of them; received ${shown(axis)}.`);
}

/** Axes as a list, counted from the front. Throws for one that the input does not have. */
export function axesFromFront(layer: Layer, axis: number | readonly number[], shape: Shape): number[] {
  const rank = shape.length;
  return [axis].flat().map((each) => {
    if (each < rank && each >= -rank) return each < 0 ? each + rank : each;
    throw badArgument(String(layer), `axis ${each} is none of an input ${showShape(shape)}.`);
  });
}
