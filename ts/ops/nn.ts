import { whole } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike } from './apply.ts';

export * from './conv.ts';
export * from './pool.ts';

/** Exponentials that sum to 1 along an axis, the last if left out. */
export function softmax(x: TensorLike, axis = -1): Tensor {
  return apply('softmax', { axis: whole('softmax', 'axis', axis) }, [x])[0]!;
}

/** The logarithm of softmax, without its rounding. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  return apply('logSoftmax', { axis: whole('logSoftmax', 'axis', axis) }, [x])[0]!;
}
