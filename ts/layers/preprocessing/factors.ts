import { badArgument, shown } from '../../errors.ts';

/** One number, or the ends of a range. */
export type Factor = number | readonly number[];

/** The ends of a range. */
export type Range = readonly [lower: number, upper: number];

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/**
 * The range of a factor within bounds: one number stands for everything up to it in both directions, as far as the
 * bounds allow.
 */
export function factorOf(where: string, field: string, factor: unknown, bounds: Range = [-1, 1]): Range {
  if (isNumber(factor) && factor >= bounds[0] && factor <= bounds[1]) {
    const size = Math.abs(factor);
    return [Math.max(-size, bounds[0]), size];
  }
  if (Array.isArray(factor) && factor.length === 2 && factor.every(isNumber)) {
    const [a, b] = factor as [number, number];
    // Keras lets a range reach out of the bounds, as long as it has a part inside.
    if (a <= bounds[1] && b >= bounds[0]) return a <= b ? [a, b] : [b, a];
  }
  throw badArgument(
    where,
    `${field} must be a number, or a list of two numbers, from ${bounds[0]} to ${bounds[1]}; received ${shown(factor)}.`,
  );
}

/** As {@link factorOf}, where no number may be out of the bounds and `lowest` is what a single number starts from. */
export function strictFactorOf(
  where: string,
  field: string,
  factor: unknown,
  allowed: (x: number) => boolean,
  bounds: string,
  lowest: (size: number) => number = (size) => -size,
): Range {
  const fits = (x: unknown): x is number => isNumber(x) && allowed(x);
  if (fits(factor)) return [lowest(Math.abs(factor)), Math.abs(factor)];
  if (Array.isArray(factor) && factor.length === 2 && factor.every(fits)) {
    const [a, b] = factor as [number, number];
    return a <= b ? [a, b] : [b, a];
  }
  throw badArgument(
    where,
    `${field} must be a number, or a list of two numbers, ${bounds}; received ${shown(factor)}.`,
  );
}

/** The least and the greatest value of a pixel, in order. */
export function valueRangeOf(where: string, range: unknown): Range {
  if (Array.isArray(range) && range.length === 2 && range.every(isNumber)) {
    const [a, b] = range as [number, number];
    return a <= b ? [a, b] : [b, a];
  }
  throw badArgument(where, `valueRange must be a list of two numbers; received ${shown(range)}.`);
}
