import type { Tensor } from '../tensor.ts';

/**
 * What an activation made predictions of: a loss of logits is exact where one of probabilities has lost
 * its digits. `null` if the predictions are no direct result of that activation.
 */
export function logitsBefore(yPred: Tensor, activation: 'softmax' | 'sigmoid', axis = -1): Tensor | null {
  let { node } = yPred.source();
  // Predictions of another dtype may have been cast on their way here.
  while (node.name === 'cast' && node.inputs[0]) ({ node } = node.inputs[0]);
  const { name, attributes, inputs } = node;
  const logits = inputs[0];
  if (name !== activation || logits === undefined) return null;
  if (activation === 'sigmoid') return logits;
  const along = (attributes as { axis: number }).axis;
  const positive = (a: number) => (a < 0 ? a + yPred.rank : a);
  return positive(along) === positive(axis) ? logits : null;
}
