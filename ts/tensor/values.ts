import { FoveaError } from '../errors.ts';
import { calling, type NativeBuffer } from '../native.ts';
import { bytesOf, storageOf } from './storage.ts';
import type { Tensor } from './tensor.ts';

/** The values of a realised tensor. */
export function bufferOf(t: Tensor): NativeBuffer {
  if (t.buffer) return t.buffer;
  const { slot } = t.node;
  if (slot?.holds(t)) return calling(() => slot.native!.snapshot());
  if (t.number === null) throw new FoveaError('DISPOSED', `${t} was disposed and cannot be used any more.`);
  const Storage = storageOf(t.dtype);
  const element =
    Storage === BigInt64Array ? BigInt64Array.of(BigInt(t.number)) : (Storage as Float32ArrayConstructor).of(t.number);
  return calling((addon) => addon.NativeBuffer.from(t.type, bytesOf(t.dtype, element)));
}
