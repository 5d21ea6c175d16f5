import { isRecord } from '../options.ts';
import { Tensor } from '../tensor.ts';

/** A tensor, or arrays and records of tensors: what goes into a layer and comes out of it. */
export type Nest = Tensor | readonly Nest[] | { readonly [name: string]: Nest };

/** The tensors of a nest, depth first; a record's in the order of its keys. */
export function flatten(nest: unknown): Tensor[] {
  if (nest instanceof Tensor) return [nest];
  if (Array.isArray(nest)) return nest.flatMap(flatten);
  if (isRecord(nest)) return Object.values(nest).flatMap(flatten);
  return [];
}

/** The same nest with each tensor replaced; what is no tensor stays. */
export function mapNest<T>(nest: unknown, change: (tensor: Tensor) => T): unknown {
  if (nest instanceof Tensor) return change(nest);
  if (Array.isArray(nest)) return nest.map((item) => mapNest(item, change));
  if (isRecord(nest)) {
    return Object.fromEntries(Object.entries(nest).map(([name, item]) => [name, mapNest(item, change)]));
  }
  return nest;
}
