import { badArgument, shown } from '../errors.ts';
import { calling } from '../native.ts';
import { fromBfloat16 } from './bfloat16.ts';
import { storageOf } from './storage.ts';
import type { Tensor } from './tensor.ts';
import type { Shape } from './types.ts';
import { bufferOf } from './values.ts';

/** The elements of a tensor: its dtype's array; of bfloat16, float32 numbers; of bool, 0 and 1; of int64, whole float64 numbers. */
export type Data = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | Int8Array;

/** Copies the elements of a realised tensor. */
export function toData(t: Tensor, as?: 'int64'): Data | BigInt64Array {
  if (as !== undefined && (as !== 'int64' || t.dtype !== 'int64'))
    throw badArgument(
      'data',
      `expected no argument, or 'int64' for a tensor of int64; received ${shown(as)} for ${t}.`,
    );
  const bytes = calling(() => bufferOf(t).bytes());
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 8 ? bytes.slice() : bytes;
  if (t.dtype === 'bfloat16') return fromBfloat16(new Uint16Array(buffer as ArrayBuffer, byteOffset, byteLength / 2));
  const Storage = storageOf(t.dtype);
  const elements = new Storage(buffer as ArrayBuffer, byteOffset, bytes.byteLength / Storage.BYTES_PER_ELEMENT);
  return elements instanceof BigInt64Array && as === undefined ? numbers(elements) : elements;
}

function numbers(wide: BigInt64Array): Float64Array {
  const narrow = Float64Array.from(wide, Number);
  const lost = narrow.findIndex((x) => !Number.isSafeInteger(x));
  if (lost < 0) return narrow;
  throw badArgument('data', `element ${lost}, ${wide[lost]}, is too large for a JavaScript number: use data('int64').`);
}

/** Elements as nested arrays; booleans for bool. */
export function nested(data: Data, { dtype, shape }: { dtype: string; shape: Shape }): unknown {
  const element = dtype === 'bool' ? (x: number) => x !== 0 : (x: number) => x;
  let next = 0;
  const level = (axis: number): unknown => {
    if (axis === shape.length) return element(data[next++]!);
    return Array.from({ length: shape[axis]! }, () => level(axis + 1));
  };
  return level(0);
}
