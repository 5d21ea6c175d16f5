import { apply } from '../../ops/apply.ts';
import type { Tensor } from '../../tensor.ts';

/** Mean and population variance over axes, which stay as sides of 1. */
export function moments(x: Tensor, axes: readonly number[]): [mean: Tensor, variance: Tensor] {
  return apply('moments', { axes }, [x]) as [Tensor, Tensor];
}

/** (x − mean) / √(variance + epsilon) · gamma + beta; each of the channels at an axis, or of x's rank. */
export function normalize(
  x: Tensor,
  [mean, variance]: readonly [Tensor, Tensor],
  { axis = -1, epsilon, gamma, beta }: { axis?: number; epsilon: number; gamma: Tensor | null; beta: Tensor | null },
): Tensor {
  const parameters = [gamma, beta].filter((weight) => weight !== null);
  const attributes = { axis, epsilon, scale: gamma !== null, center: beta !== null };
  return apply('batchNormalize', attributes, [x, mean, variance, ...parameters])[0]!;
}
