import { isRecord } from '../options.ts';
import { Tensor } from '../tensor.ts';
import { byName } from './nest.ts';

/** Which steps of a tensor count, bool, of its leading axes; for several tensors nested as they are, `null` for all. */
export type Mask = Tensor | null | readonly Mask[] | { readonly [name: string]: Mask };

const masks = new WeakMap<Tensor, Tensor>();

/** The mask that a layer attached to a tensor; `null` if every step counts. */
export function maskOf(tensor: Tensor): Tensor | null {
  return masks.get(tensor) ?? null;
}

/** Attaches a mask to a tensor: layers that it goes into, losses and metrics see it. */
export function setMask(tensor: Tensor, mask: Tensor | null): void {
  if (mask !== null) masks.set(tensor, mask);
}

/** The masks of a nest of tensors, nested alike; `null` if none has one. */
export function masksOf(nest: unknown): Mask {
  const found = (part: unknown): Mask => {
    if (part instanceof Tensor) return maskOf(part);
    if (Array.isArray(part)) return part.map(found);
    if (!isRecord(part)) return null;
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, found(item)]));
  };
  const all = found(nest);
  return flattenMasks(all).some((mask) => mask !== null) ? all : null;
}

/** The masks of a nest, depth first, with a `null` where there is none. */
export function flattenMasks(mask: Mask | undefined): (Tensor | null)[] {
  if (mask === null || mask === undefined) return [null];
  if (mask instanceof Tensor) return [mask];
  const parts = Array.isArray(mask) ? mask : byName(mask as { [name: string]: Mask }).map(([, part]) => part);
  return parts.flatMap(flattenMasks);
}
