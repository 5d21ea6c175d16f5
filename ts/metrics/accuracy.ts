import { FoveaError, finite, flag, whole } from '../errors.ts';
import { showShape } from '../layers/explain.ts';
import { sameRank } from '../losses/reduce.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { any, argmax, cast, equal, expandDims, greater, less, oneHot, split, squeeze, sum } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import type { DType, Shape, Tensor } from '../tensor.ts';
import { type MetricOptions, metricOptions } from './metric.ts';
import { PlainMetric } from './plain-metric.ts';
import { MeanMetricWrapper } from './reduction.ts';

const hits = (x: TensorLike, y: TensorLike): Tensor => cast(equal(x, y), 'float32');

/** Throws if labels do not line up with predictions: broadcasting would compare each with all others. */
function checkLabels(where: string, labels: Tensor, wanted: Shape, hint: string): void {
  const fits = wanted.every((side, axis) => side === null || [null, side].includes(labels.shape[axis] ?? null));
  if (fits && labels.rank === wanted.length) return;
  throw new FoveaError(
    'SHAPE_MISMATCH',
    `${where}: expected labels of shape ${showShape(wanted)}, received ${showShape(labels.shape)}. ${hint}`,
    where,
  );
}

/** The class of each one-hot label. */
function hottest(where: string, yTrue: TensorLike, yPred: Tensor): Tensor {
  const labels = toTensor(yTrue, where);
  checkLabels(where, labels, yPred.shape, 'Labels that are the numbers of classes need the sparse accuracy.');
  return argmax(labels, -1);
}

/** Labels that are the numbers of classes, without a last axis of side 1 that predictions do not need. */
function classNumbers(where: string, yTrue: TensorLike, yPred: Tensor): Tensor {
  const given = toTensor(yTrue, where);
  const labels = given.rank === yPred.rank && given.shape.at(-1) === 1 ? squeeze(given, -1) : given;
  checkLabels(where, labels, yPred.shape.slice(0, -1), 'One-hot labels need the accuracy that is not sparse.');
  return cast(labels, 'int32');
}

/** 1 where fewer than `k` predictions are greater than that of the class. */
function amongFirst(classes: Tensor, y: Tensor, k: number): Tensor {
  const own = sum(oneHot(classes, y.dim(-1)).mul(y), -1, { keepdims: true });
  const ahead = sum(cast(greater(y, own), 'int32'), -1);
  return cast(less(ahead, whole('topK', 'k', k, 1)), 'float32');
}

/** 1 where predictions equal the labels. */
export function accuracy(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const y = toTensor(yPred, 'accuracy');
  return hits(...sameRank(cast(toTensor(yTrue, 'accuracy'), y.dtype), y));
}

/** 1 where a prediction is on the label's side of the threshold. */
export function binaryAccuracy(yTrue: TensorLike, yPred: TensorLike, threshold = 0.5): Tensor {
  const [t, y] = sameRank(toTensor(yTrue, 'binaryAccuracy'), toTensor(yPred, 'binaryAccuracy'));
  return hits(t, cast(greater(y, threshold), t.dtype));
}

/** 1 where the greatest prediction is that of the one-hot label. */
export function categoricalAccuracy(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const y = toTensor(yPred, 'categoricalAccuracy');
  return hits(hottest('categoricalAccuracy', yTrue, y), argmax(y, -1));
}

/** 1 where the greatest prediction is that of the label, a class's number. */
export function sparseCategoricalAccuracy(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const y = toTensor(yPred, 'sparseCategoricalAccuracy');
  return hits(classNumbers('sparseCategoricalAccuracy', yTrue, y), argmax(y, -1));
}

/** 1 where fewer than `k` predictions are greater than that of the one-hot label. */
export function topKCategoricalAccuracy(yTrue: TensorLike, yPred: TensorLike, k = 5): Tensor {
  const y = toTensor(yPred, 'topKCategoricalAccuracy');
  return amongFirst(hottest('topKCategoricalAccuracy', yTrue, y), y, k);
}

/**
 * 1 where fewer than `k` predictions are greater than that of the label; with `fromSortedIds`, where the label is among
 * the first `k` of predictions, which are the numbers of the classes, the best first.
 */
export function sparseTopKCategoricalAccuracy(
  yTrue: TensorLike,
  yPred: TensorLike,
  k = 5,
  fromSortedIds = false,
): Tensor {
  const where = 'sparseTopKCategoricalAccuracy';
  const y = toTensor(yPred, where);
  const classes = classNumbers(where, yTrue, y);
  if (!fromSortedIds) return amongFirst(classes, y, k);
  const among = equal(expandDims(classes, -1), split(cast(y, 'int32'), [whole(where, 'k', k, 1)], -1)[0]!);
  return cast(any(among, -1), 'float32');
}

/**
 * How often predictions equal the labels; both of one shape.
 *
 * @see https://keras.io/api/metrics/accuracy_metrics/
 */
export class Accuracy extends PlainMetric {
  static override readonly className: string = 'Accuracy';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return accuracy(yTrue, yPred);
  }
}

/** Options of {@link BinaryAccuracy}. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Above it a prediction counts as 1; 0.5 if left out. */
  threshold?: number | undefined;
}

/**
 * How often predictions are on the label's side of the threshold, 0.5 if left out; both of one shape.
 *
 * @see https://keras.io/api/metrics/accuracy_metrics/
 */
export class BinaryAccuracy extends MeanMetricWrapper {
  static override readonly className: string = 'BinaryAccuracy';
  readonly threshold: number;

  constructor(
    name?: string | BinaryAccuracyOptions,
    dtype?: DType | BinaryAccuracyOptions,
    threshold?: number | BinaryAccuracyOptions,
    options?: BinaryAccuracyOptions,
  ) {
    const where = 'BinaryAccuracy';
    const given = [name, dtype, threshold, options];
    const { threshold: chosen = 0.5, ...read } = readOptions<BinaryAccuracyOptions>(
      where,
      [...metricOptions, 'threshold'],
      given,
    );
    const border = finite(where, 'threshold', chosen);
    super({ ...read, fn: (yTrue, yPred) => binaryAccuracy(yTrue, yPred, border) });
    this.threshold = border;
  }

  override getConfig(): object {
    return { ...super.getConfig(), threshold: this.threshold };
  }
}

/**
 * How often the greatest prediction is that of the one-hot label; both [batch, ..., classes].
 *
 * @see https://keras.io/api/metrics/accuracy_metrics/
 */
export class CategoricalAccuracy extends PlainMetric {
  static override readonly className: string = 'CategoricalAccuracy';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalAccuracy(yTrue, yPred);
  }
}

/**
 * How often the greatest prediction is that of the label, a class's number: labels [batch, ...], predictions
 * [batch, ..., classes].
 *
 * @see https://keras.io/api/metrics/accuracy_metrics/
 */
export class SparseCategoricalAccuracy extends PlainMetric {
  static override readonly className: string = 'SparseCategoricalAccuracy';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return sparseCategoricalAccuracy(yTrue, yPred);
  }
}

/** Options of the top-k accuracies. */
export interface TopKOptions extends MetricOptions {
  /** Among how many greatest predictions the label's must be, 5 if left out. */
  k?: number | undefined;
}

/**
 * How often the one-hot label is among the k greatest predictions (5 if left out); both [batch, classes].
 *
 * @see https://keras.io/api/metrics/accuracy_metrics/
 */
export class TopKCategoricalAccuracy extends MeanMetricWrapper {
  static override readonly className: string = 'TopKCategoricalAccuracy';
  readonly k: number;

  constructor(
    k?: number | TopKOptions,
    name?: string | TopKOptions,
    dtype?: DType | TopKOptions,
    options?: TopKOptions,
  ) {
    const where = 'TopKCategoricalAccuracy';
    const given = [k, name, dtype, options];
    const { k: chosen = 5, ...read } = readOptions<TopKOptions>(where, ['k', ...metricOptions], given);
    const most = whole(where, 'k', chosen, 1);
    super({ ...read, fn: (yTrue, yPred) => topKCategoricalAccuracy(yTrue, yPred, most) });
    this.k = most;
  }

  override getConfig(): object {
    return { ...super.getConfig(), k: this.k };
  }
}

/** Options of {@link SparseTopKCategoricalAccuracy}. */
export interface SparseTopKOptions extends TopKOptions {
  /** Whether predictions are the numbers of the classes, the best first; `false` if left out. */
  fromSortedIds?: boolean | undefined;
}

/**
 * How often the label, a class's number, is among the k greatest predictions (5 if left out): labels [batch],
 * predictions [batch, classes].
 *
 * @see https://keras.io/api/metrics/accuracy_metrics/
 */
export class SparseTopKCategoricalAccuracy extends MeanMetricWrapper {
  static override readonly className: string = 'SparseTopKCategoricalAccuracy';
  readonly k: number;
  readonly fromSortedIds: boolean;

  constructor(
    k?: number | SparseTopKOptions,
    name?: string | SparseTopKOptions,
    dtype?: DType | SparseTopKOptions,
    fromSortedIds?: boolean | SparseTopKOptions,
    options?: SparseTopKOptions,
  ) {
    const where = 'SparseTopKCategoricalAccuracy';
    const names = ['k', ...metricOptions, 'fromSortedIds'] as const;
    const given = [k, name, dtype, fromSortedIds, options];
    const { k: chosen = 5, fromSortedIds: ids = false, ...read } = readOptions<SparseTopKOptions>(where, names, given);
    const most = whole(where, 'k', chosen, 1);
    const sorted = flag(where, 'fromSortedIds', ids);
    super({ ...read, fn: (yTrue, yPred) => sparseTopKCategoricalAccuracy(yTrue, yPred, most, sorted) });
    this.k = most;
    this.fromSortedIds = sorted;
  }

  override getConfig(): object {
    return { ...super.getConfig(), k: this.k, fromSortedIds: this.fromSortedIds };
  }
}
