import { finite, whole } from '../errors.ts';
import { apply, type TensorLike, toTensor } from '../ops/apply.ts';
import { cast, equal, moveaxis, where } from '../ops/index.ts';
import { unknownOption } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { logitsBefore } from './logits.ts';

const pair = (where: string, yTrue: TensorLike, yPred: TensorLike): [Tensor, Tensor] => [
  toTensor(yTrue, where),
  toTensor(yPred, where),
];

/**
 * The mean of the squared differences, over the last axis.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function meanSquaredError(yTrue: TensorLike, yPred: TensorLike): Tensor {
  return apply('meanSquaredError', {}, pair('meanSquaredError', yTrue, yPred))[0]!;
}

/**
 * The mean of the absolute differences, over the last axis.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function meanAbsoluteError(yTrue: TensorLike, yPred: TensorLike): Tensor {
  return apply('meanAbsoluteError', {}, pair('meanAbsoluteError', yTrue, yPred))[0]!;
}

/** Options of the cross-entropies. */
export interface CrossentropyOptions {
  /** Whether predictions are logits; probabilities if left out. */
  fromLogits?: boolean | undefined;
  /** The axis of the classes, the last if left out. */
  axis?: number | undefined;
}

/** Options of the cross-entropies of probabilities as labels. */
export interface SmoothedOptions extends CrossentropyOptions {
  /** Draws labels so far towards even ones, from 0 to 1; 0 if left out. */
  labelSmoothing?: number | undefined;
}

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseOptions extends CrossentropyOptions {
  /** Samples of this class do not count; none if left out. */
  ignoreClass?: number | null | undefined;
}

const last = (axis: number, x: Tensor): Tensor => (axis === -1 || axis === x.rank - 1 ? x : moveaxis(x, axis, -1));

/**
 * The cross-entropy of two classes each, averaged over the last axis.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function binaryCrossentropy(yTrue: TensorLike, yPred: TensorLike, options: SmoothedOptions = {}): Tensor {
  const name = 'binaryCrossentropy';
  unknownOption(name, options, ['fromLogits', 'labelSmoothing', 'axis']);
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options;
  const [t, y] = pair(name, yTrue, yPred);
  const logits = fromLogits ? y : logitsBefore(y, 'sigmoid');
  const along = whole(name, 'axis', axis);
  const attributes = { fromLogits: logits !== null, labelSmoothing: finite(name, 'labelSmoothing', labelSmoothing) };
  return apply(name, attributes, [last(along, t), last(along, logits ?? y)])[0]!;
}

/**
 * The cross-entropy of one class of many; labels are one-hot or probabilities.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function categoricalCrossentropy(yTrue: TensorLike, yPred: TensorLike, options: SmoothedOptions = {}): Tensor {
  const name = 'categoricalCrossentropy';
  unknownOption(name, options, ['fromLogits', 'labelSmoothing', 'axis']);
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options;
  const [t, y] = pair(name, yTrue, yPred);
  const logits = fromLogits ? y : logitsBefore(y, 'softmax', axis);
  const smoothing = finite(name, 'labelSmoothing', labelSmoothing);
  const attributes = { fromLogits: logits !== null, labelSmoothing: smoothing, axis: whole(name, 'axis', axis) };
  return apply(name, attributes, [t, logits ?? y])[0]!;
}

/**
 * The cross-entropy of one class of many; labels are the numbers of the classes.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function sparseCategoricalCrossentropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  options: SparseOptions = {},
): Tensor {
  const name = 'sparseCategoricalCrossentropy';
  unknownOption(name, options, ['fromLogits', 'ignoreClass', 'axis']);
  const { fromLogits = false, ignoreClass = null, axis = -1 } = options;
  const [t, y] = pair(name, yTrue, yPred);
  const logits = fromLogits ? y : logitsBefore(y, 'softmax', axis);
  const predictions = last(whole(name, 'axis', axis), logits ?? y);
  const attributes = { fromLogits: logits !== null };
  if (ignoreClass === null) return apply(name, attributes, [t, predictions])[0]!;
  const labels = cast(t, 'int32');
  const ignored = equal(labels, whole(name, 'ignoreClass', ignoreClass));
  const losses = apply(name, attributes, [where(ignored, 0, labels).cast('int32'), predictions])[0]!;
  return where(ignored.rank > losses.rank ? ignored.squeeze(-1) : ignored, 0, losses);
}
