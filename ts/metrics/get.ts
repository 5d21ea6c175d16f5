import { checkInstance, fromName, makersOf, type NamesOf, provide, type Serialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import * as all from './all.ts';
import { Metric } from './metric.ts';
import { MeanMetricWrapper, type MetricFunction } from './reduction.ts';

/** The names of the metrics; `accuracy` and `acc` are chosen by the shapes of labels and predictions. */
export type MetricName = NamesOf<typeof all> | 'acc';

/** A metric as an instance. Without its call, so that the compiler knows the parameters of a function in its place. */
type Instance = Pick<Metric, keyof Metric>;

/** A metric by name, as an instance, as a function of labels and predictions, or as `serialize` wrote it. */
export type MetricLike = MetricName | Instance | MetricFunction | Serialized;

/** The accuracy that fits: of one output, of class numbers, or of one-hot labels. */
function accuracyFor(yTrue: Tensor, yPred: Tensor): Metric {
  if (yPred.shape.at(-1) === 1 || yPred.rank < 2) return new all.BinaryAccuracy();
  const sparse = yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1;
  return sparse ? new all.SparseCategoricalAccuracy() : new all.CategoricalAccuracy();
}

/**
 * The metric that a name stands for; a function becomes the mean of its values.
 *
 * @param like what labels and predictions look like, which `accuracy` needs
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(identifier: MetricLike, like?: { yTrue: Tensor; yPred: Tensor }): Metric {
  if (identifier instanceof Metric) return identifier;
  checkInstance('metric', identifier);
  if (typeof identifier === 'function')
    return new MeanMetricWrapper(identifier, { name: identifier.name || undefined });
  const usual = () => (like === undefined ? new all.Accuracy() : accuracyFor(like.yTrue, like.yPred));
  return fromName<Metric>('metric', identifier, { ...makersOf<Metric>(all), accuracy: usual, acc: usual }, all);
}

/** Throws for a name that no metric has, before there are shapes to choose by. */
export function check(identifier: MetricLike): void {
  get(identifier);
}

provide('keras.metrics', () => all);
