import { badArgument, FoveaError, nearest } from '../errors.ts';
import { byName, flatten, type Nest } from '../layers/nest.ts';
import { isRecord } from '../options.ts';
import type { Tensor } from '../tensor.ts';

/** One output of a model. */
export interface Output {
  /** The layer that makes it, or its key. */
  readonly name: string;
  readonly tensor: Tensor;
}

/** The outputs of a model with their names. */
export function outputsOf(yPred: Nest, names: readonly string[]): Output[] {
  const tensors = flatten(yPred);
  const known = isRecord(yPred) ? byName(yPred).map(([name]) => name) : names;
  return tensors.map((tensor, i) => ({ name: known[i] ?? `output_${i + 1}`, tensor }));
}

/**
 * What belongs to each output: by name, or in order.
 *
 * @param common whether a single value counts for every output
 */
export function perOutput<T>(
  what: string,
  value: unknown,
  names: readonly string[],
  common: boolean,
): (T | undefined)[] {
  if (value === undefined || value === null) return names.map(() => undefined);
  if (isRecord(value)) {
    const stray = Object.keys(value).find((name) => !names.includes(name));
    if (stray !== undefined) {
      const meant = nearest(stray, names);
      const hint = meant === undefined ? `Its outputs: ${names.join(', ')}.` : `Did you mean '${meant}'?`;
      throw badArgument(what, `the model has no output '${stray}'. ${hint}`);
    }
    return names.map((name) => value[name] as T | undefined);
  }
  if (Array.isArray(value) && (names.length > 1 || value.length === 1)) {
    if (value.length === names.length) return value.map((part) => part ?? undefined);
    throw badArgument(what, `the model has ${names.length} outputs (${names.join(', ')}); received ${value.length}.`);
  }
  if (names.length === 1 || common) return names.map(() => value as T);
  throw badArgument(what, `the model has ${names.length} outputs (${names.join(', ')}); received a single one.`);
}

/**
 * Throws an error of an op as one of the loss or metric that applied it to an output.
 *
 * @param hint what to do about shapes that do not fit
 */
export function named<T>(what: string, output: string | null, fn: () => T, hint = () => ''): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    const where = output === null ? what : `${what} of output "${output}"`;
    const more = error.code === 'SHAPE_MISMATCH' ? hint() : '';
    if (error.message.startsWith(where) && more === '') throw error;
    const sentence = error.message.replace(/^[a-z]\w*: /, '').replace(/\.?$/, '.') + more;
    throw new FoveaError(error.code, `${where}: ${sentence}`, where, { cause: error });
  }
}
