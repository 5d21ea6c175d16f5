import { badArgument, shown } from '../../errors.ts';

/** How much before and after, along each axis of space. */
export type Sides = readonly (readonly [before: number, after: number])[];

const isSize = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0;

const pair = (value: unknown): unknown => (Array.isArray(value) ? value : [value, value]);

/**
 * One number, one for each of `axes` axes, or before and after for each, as before and after for each. With one axis a
 * pair is before and after.
 */
export function sidesOf(where: string, field: string, value: unknown, axes: number): Sides {
  const each = axes === 1 ? [pair(value)] : (Array.isArray(value) ? value : Array(axes).fill(value)).map(pair);
  const whole = (side: unknown) => Array.isArray(side) && side.length === 2 && side.every(isSize);
  if (each.length === axes && each.every(whole)) return each as unknown as Sides;
  const forms = axes === 1 ? 'a whole number or [before, after]' : `a whole number, or ${axes} of them or of pairs`;
  throw badArgument(where, `${field} must be ${forms}, none below 0; received ${shown(value)}.`);
}
