// Written by `npm run generate`; do not edit.

/** The element types a tensor can have. */
export type DType = 'float32' | 'bfloat16' | 'int32' | 'uint32' | 'int64' | 'uint8' | 'int8' | 'bool';

/** Bytes per element. */
export const dtypeSize: Readonly<Record<DType, number>> = {
  float32: 4,
  bfloat16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint8: 1,
  int8: 1,
  bool: 1,
};
