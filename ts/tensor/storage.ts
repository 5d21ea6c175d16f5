import type { DType } from '../generated/dtypes.ts';
import { roundToBfloat16 } from './bfloat16.ts';

const storage = {
  float32: Float32Array,
  bfloat16: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

/** The typed array that JavaScript sees a dtype's elements in. */
export function storageOf(dtype: DType): (typeof storage)[DType] {
  return storage[dtype];
}

/** The bytes of elements of a dtype as they lie in memory: of bfloat16, rounded. */
export function bytesOf(dtype: DType, elements: InstanceType<(typeof storage)[DType]>): Uint8Array {
  const { buffer, byteOffset, byteLength } =
    dtype === 'bfloat16' ? roundToBfloat16(elements as Float32Array) : elements;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
