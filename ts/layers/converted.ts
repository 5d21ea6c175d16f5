import type { DType, Tensor } from '../tensor.ts';
import { maskOf, setMask } from './mask.ts';

/** A tensor in a dtype, with the mask it had; itself if it is of that dtype. */
export function converted(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const result = x.cast(dtype);
  setMask(result, maskOf(x));
  return result;
}
