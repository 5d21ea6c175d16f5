import { badArgument, nearest, shown, whole } from './errors.ts';

/** Whether a value is a plain record, as options are: neither an array nor an instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Throws unless `options` is a record of options that `where` knows; names the nearest that it knows. */
export function unknownOption(where: string, options: unknown, allowed: Iterable<string>): void {
  const known = [...allowed];
  if (!isRecord(options))
    throw badArgument(where, `options must be a record like { ${known[0]}: … }; received ${shown(options)}.`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant ? `Did you mean '${meant}'?` : `Known options: ${known.join(', ')}.`;
    throw badArgument(where, `unknown option '${key}'. ${hint}`);
  }
}

/**
 * A list beside an options object `O` in one parameter. It says that it has none of the options, so that
 * TypeScript still suggests the option that a misspelt one was meant to be.
 */
export type ListBeside<O, Item = number> = readonly Item[] & { readonly [Name in keyof O]?: never };

/**
 * Arguments of a constructor as one options object: a leading run of Keras's positional parameters, then
 * options; or the options alone. `undefined` counts as not given.
 *
 * @param where the class, for messages
 * @param names every option, the positional ones first and in Keras's order
 * @throws FoveaError `BAD_ARGUMENT` for an unknown option (naming the nearest) or one that is given twice
 */
export function readOptions<O extends object>(
  where: string,
  names: readonly (keyof O & string)[],
  args: readonly unknown[],
): O {
  const options: Record<string, unknown> = {};
  const count = args.findLastIndex((arg) => arg !== undefined) + 1;
  for (const [index, arg] of args.slice(0, count).entries()) {
    if (index === count - 1 && isRecord(arg) && !('className' in arg)) {
      unknownOption(where, arg, names);
      for (const [name, value] of Object.entries(arg)) {
        if (value === undefined) continue;
        if (name in options) throw badArgument(where, `${name} is given twice.`);
        options[name] = value;
      }
    } else if (arg !== undefined) {
      options[names[index]!] = arg;
    }
  }
  return options as O;
}

/** Throws unless `value` is a whole number, or a list of one for each of some axes; returns the list. */
export function sizesOf(where: string, field: string, value: unknown, axes: number, least = 1): number[] {
  const list: unknown[] = Array.isArray(value) ? value : Array(axes).fill(value);
  if (list.length === axes && list.every((size) => Number.isInteger(size) && (size as number) >= least)) {
    return list as number[];
  }
  const kind = least > 0 ? 'a positive whole number' : 'a whole number that is not negative';
  throw badArgument(where, `${field} must be ${kind} or ${axes} of them; received ${shown(value)}.`);
}

/** {@link sizesOf} for height and width. */
export function sizes(where: string, field: string, value: unknown): [number, number] {
  return sizesOf(where, field, value, 2) as [number, number];
}

/** Throws unless `value` is a whole number of at least 1. */
export const positiveInteger = (where: string, field: string, value: unknown): number => whole(where, field, value, 1);

/** Throws unless `value` is a number from `low` to `high`. */
export function numberWithin(where: string, field: string, value: unknown, low: number, high: number): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= low && value <= high) return value;
  const range = high === Infinity ? `of at least ${low}` : `from ${low} to ${high}`;
  throw badArgument(where, `${field} must be a number ${range}; received ${shown(value)}.`);
}

/** `null` if nothing or `null` was given, else what a check like {@link numberWithin} makes of the value. */
export function optional<T, Bounds extends unknown[]>(
  check: (where: string, field: string, value: unknown, ...bounds: Bounds) => T,
  where: string,
  field: string,
  value: unknown,
  ...bounds: Bounds
): T | null {
  return value === undefined || value === null ? null : check(where, field, value, ...bounds);
}
