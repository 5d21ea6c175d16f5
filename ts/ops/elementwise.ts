import { maximum, minimum, pow as raised } from '../generated/elementwise.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkDType, type DType } from '../tensor/types.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';

// A function for each line of the table in crates/graph/src/elementwise.rs.
export * from '../generated/elementwise.ts';

/** To another dtype. Floats are cut towards 0; bool is whether a number is not 0. */
export function cast(x: TensorLike, dtype: DType): Tensor {
  return apply('cast', { dtype: checkDType('cast', dtype) }, [x])[0]!;
}

/**
 * x to the power of y. Of whole numbers it is whole and wraps, and a negative power is 0, but for 1 and −1; beside a
 * plain number below 0 it is float32.
 *
 * @see https://keras.io/api/ops/numpy/#power-function
 */
export function pow(x: TensorLike, y: TensorLike): Tensor {
  // A plain −1 may be a whole number or not, and only the one that is not is an exponent to Keras.
  return raised(x, typeof y === 'number' && y < 0 ? cast(y, 'float32') : y);
}

/** x, but at least `low` and at most `high`; between two numbers it keeps its dtype. */
export function clip(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  const t = toTensor(x, 'clip');
  const clipped = minimum(maximum(t, low), high);
  const bounds = typeof low === 'number' && typeof high === 'number';
  return bounds && t.dtype !== 'bool' && clipped.dtype !== t.dtype ? cast(clipped, t.dtype) : clipped;
}

// Keras's longer names.
export {
  abs as absolute,
  bitwiseNot as bitwiseInvert,
  div as divide,
  div as trueDivide,
  floorDiv as floorDivide,
  isFinite as isfinite,
  isInf as isinf,
  isNan as isnan,
  leftShift as bitwiseLeftShift,
  mul as multiply,
  neg as negative,
  rightShift as bitwiseRightShift,
  sub as subtract,
} from '../generated/elementwise.ts';

export { pow as power };
