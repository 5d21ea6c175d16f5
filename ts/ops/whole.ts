import type { Tensor } from '../tensor/tensor.ts';
import type { DType } from '../tensor/types.ts';
import { apply } from './apply.ts';
import { cast, mul } from './elementwise.ts';
import { sum } from './reduce.ts';
import { expandDims } from './shape.ts';

/** The dtype that arithmetic gives tensors together; bool where all are. */
export function commonDType(tensors: readonly Tensor[]): DType {
  const [first, ...rest] = tensors.map((t) => t.dtype);
  if (rest.every((dtype) => dtype === first)) return first!;
  return tensors.map((t) => cast(0, t.dtype)).reduce((x, y) => mul(x, y)).dtype;
}

/** The dtype in which products of a dtype are taken and summed up: narrow whole numbers would wrap. */
export const summable = (dtype: DType): DType =>
  dtype === 'uint8' || dtype === 'int8' || dtype === 'bool' ? 'int32' : dtype;

/** Tensors cast to one dtype; those that have it stay what they are. */
export const inDType = (tensors: readonly Tensor[], dtype: DType): Tensor[] =>
  tensors.map((t) => (t.dtype === dtype ? t : cast(t, dtype)));

/** The product of stacks of matrices of whole numbers, for which there is no kernel: all products, summed up. */
export function wholeMatmul(a: Tensor, b: Tensor): Tensor {
  // The rule of the kernel says whether the sides fit. Nobody reads this product, so it is never computed.
  apply('matmul', { transposeA: false, transposeB: false }, [cast(a, 'float32'), cast(b, 'float32')]);
  return sum(mul(expandDims(a, -1), expandDims(b, -3)), -2);
}
