import { reshape } from '../../ops/index.ts';
import { placeholder } from '../../symbolic.ts';
import type { Tensor } from '../../tensor.ts';

/** Gives each sample of a batch another shape, of which one side may be -1. */
export function reshapeSamples(x: Tensor, target: readonly number[]): Tensor {
  const [batch, ...sample] = x.shape;
  if (typeof batch === 'number') return reshape(x, [batch, ...target]);
  // The -1 is for the batch then, so the sample's own has to be found first: for one sample.
  const [, ...sides] = reshape(placeholder([1, ...sample], x.dtype), [1, ...target]).shape;
  if (!sides.includes(null)) return reshape(x, [-1, ...sides]);
  // Two sides are unknown only while a model is built, when types count and nothing else.
  return placeholder([batch ?? null, ...sides], x.dtype);
}
