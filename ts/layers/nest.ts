import { isRecord } from '../options.ts';
import { Tensor } from '../tensor.ts';

/** A tensor, or arrays and records of tensors: what goes into a layer and comes out of it. */
export type Nest = Tensor | readonly Nest[] | { readonly [name: string]: Nest };

/** The parts of a record as Keras orders them: by their names. */
export const byName = <T>(record: { readonly [name: string]: T }): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** The tensors of a nest, depth first; a record's by their names. */
export function flatten(nest: unknown): Tensor[] {
  if (nest instanceof Tensor) return [nest];
  if (Array.isArray(nest)) return nest.flatMap(flatten);
  if (isRecord(nest)) return byName(nest).flatMap(([, part]) => flatten(part));
  return [];
}

/** The same nest with each tensor replaced, in the order of `flatten`; what is no tensor stays. */
export function mapNest<T>(nest: unknown, change: (tensor: Tensor) => T): unknown {
  if (nest instanceof Tensor) return change(nest);
  if (Array.isArray(nest)) return nest.map((item) => mapNest(item, change));
  if (isRecord(nest)) {
    const changed = new Map(byName(nest).map(([name, item]) => [name, mapNest(item, change)]));
    return Object.fromEntries(Object.keys(nest).map((name) => [name, changed.get(name)]));
  }
  return nest;
}
