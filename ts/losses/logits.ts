import type { Tensor } from '../tensor.ts';

/**
 * What an activation made predictions of: a loss of logits is exact where one of probabilities has lost
 * its digits. `null` if the predictions are no direct result of that activation.
 */
export function logitsBefore(yPred: Tensor, activation: 'softmax' | 'sigmoid', axis = -1): Tensor | null {
  const { name, attributes, inputs } = yPred.source().node;
  const logits = inputs[0];
  if (name !== activation || logits === undefined) return null;
  if (activation === 'sigmoid') return logits;
  const along = (attributes as { axis: number }).axis;
  const positive = (a: number) => (a < 0 ? a + yPred.rank : a);
  return positive(along) === positive(axis) ? logits : null;
}
