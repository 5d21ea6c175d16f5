import type { DType } from '../generated/dtypes.ts';

const storage = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

/** The typed array that holds a dtype's elements. */
export function storageOf(dtype: DType): (typeof storage)[DType] {
  return storage[dtype];
}
