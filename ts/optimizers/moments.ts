import { add, mul, sub } from '../ops/index.ts';
import type { Tensor, Variable } from '../tensor.ts';

/** Takes a value into a running mean, of which `share` is new. */
export function follow(mean: Variable, value: Tensor, share: number): Tensor {
  const next = add(mean, mul(sub(value, mean), share));
  mean.assign(next);
  return next;
}
