import { badArgument, whole } from '../errors.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { cast, max, min, oneHot, squeeze } from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';
import { Trace } from '../trace.ts';

/**
 * Labels that are the numbers of classes as one-hot rows: [n] or [n, 1] becomes [n, classes], float32.
 *
 * @param numClasses one more than the greatest label if left out, for which the labels are read
 * @throws FoveaError `BAD_ARGUMENT` if the labels cannot be read and no number was given
 * @see https://keras.io/api/utils/python_utils/
 */
export function toCategorical(x: TensorLike, numClasses?: number | null): Tensor {
  const given = toTensor(x, 'toCategorical', 'int32');
  const labels = cast(given.rank > 1 && given.shape.at(-1) === 1 ? squeeze(given, -1) : given, 'int32');
  const classes = (numClasses ?? null) === null ? null : whole('toCategorical', 'numClasses', numClasses, 1);
  // Where labels have no values yet, those out of range give rows of zeros.
  if (classes !== null && (labels.symbolic || Trace.active)) return oneHot(labels, classes);
  if (labels.size === 0) {
    if (classes === null) throw badArgument('toCategorical', 'no labels: give numClasses.');
    return oneHot(labels, classes);
  }
  const [least, most] = [min(labels), max(labels)].map((label) => label.dataSync()[0]!) as [number, number];
  if (least < 0) throw badArgument('toCategorical', `labels must be at least 0; the least is ${least}.`);
  if (classes !== null && most >= classes)
    throw badArgument('toCategorical', `labels must be below numClasses ${classes}; the greatest is ${most}.`);
  return oneHot(labels, classes ?? most + 1);
}
