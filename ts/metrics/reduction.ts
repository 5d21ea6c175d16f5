import { divideNoNan, sameRank } from '../losses/reduce.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { add, broadcastTo, cast, mean, mul, sqrt, square, sum } from '../ops/index.ts';
import { readOptions, unknownOption } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Metric, type MetricOptions, type UpdateOptions } from './metric.ts';

type Reduce = (x: Tensor, axes: readonly number[]) => Tensor;

const axes = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** One value for each sample, and its weight, by Keras's rules. */
function samplewise(values: Tensor, weight: Tensor | null, reduce: Reduce): { values: Tensor; weight: Tensor | null } {
  let v = cast(values, 'float32');
  let w = weight;
  if (w !== null) {
    [v, w] = sameRank(v, cast(w, 'float32'));
    const rank = w.rank;
    if (v.rank > rank) v = reduce(v, axes(rank, v.rank));
    w = broadcastTo(w, v.shape);
    v = mul(v, w);
    if (rank > 1) w = reduce(w, axes(1, rank));
  }
  if (v.rank > 1) v = reduce(v, axes(1, v.rank));
  return { values: v, weight: w };
}

const weightOf = (where: string, options: UpdateOptions): Tensor | null => {
  unknownOption(where, options, ['sampleWeight']);
  const weight = options.sampleWeight ?? null;
  return weight === null ? null : toTensor(weight, where);
};

/**
 * The (weighted) sum of all values so far, of any shape.
 *
 * @see https://keras.io/api/metrics/metrics_wrappers/
 */
export class Sum extends Metric {
  static readonly className: string = 'Sum';
  /** The sum of the values times their weights: float32 []. */
  readonly total: Variable;

  constructor(name?: string | MetricOptions) {
    super(readOptions<MetricOptions>('Sum', ['name'], [name]));
    this.total = this.addVariable('total');
  }

  override updateState(values: TensorLike, options: UpdateOptions = {}): void {
    const taken = samplewise(toTensor(values, this.key), weightOf(this.key, options), sum);
    this.total.assign(add(this.total, sum(taken.values)));
  }

  override result(): Tensor {
    return this.total.value;
  }
}

/**
 * The (weighted) mean of all values so far: each sample counts once, whatever its shape. 0 before the first.
 *
 * @see https://keras.io/api/metrics/metrics_wrappers/
 */
export class Mean extends Metric {
  static readonly className: string = 'Mean';
  /** The sum of the values times their weights: float32 []. */
  readonly total: Variable;
  /** The sum of the weights: float32 []. */
  readonly count: Variable;

  constructor(name?: string | MetricOptions) {
    super(readOptions<MetricOptions>('Mean', ['name'], [name]));
    this.total = this.addVariable('total');
    this.count = this.addVariable('count');
  }

  override updateState(values: TensorLike, options: UpdateOptions = {}): void {
    const taken = samplewise(toTensor(values, this.key), weightOf(this.key, options), mean);
    this.total.assign(add(this.total, sum(taken.values)));
    const count = taken.weight === null ? (taken.values.rank === 0 ? 1 : taken.values.dim(0)) : sum(taken.weight);
    this.count.assign(add(this.count, count));
  }

  override result(): Tensor {
    return divideNoNan(this.total.value, this.count.value);
  }
}

/** What a metric that is a mean is the mean of: one value for each sample. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/**
 * The mean of a function of labels and predictions.
 *
 * @see https://keras.io/api/metrics/metrics_wrappers/
 */
export class MeanMetricWrapper extends Metric {
  static readonly className: string = 'MeanMetricWrapper';
  /** One value for each sample. */
  readonly fn: MetricFunction;
  /** Their mean so far. */
  readonly mean: Mean;

  constructor(fn: MetricFunction, options: MetricOptions = {}) {
    super(options);
    this.fn = fn;
    this.mean = new Mean(this.name);
  }

  override get variables(): readonly Variable[] {
    return this.mean.variables;
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    this.mean.updateState(this.fn(toTensor(yTrue, this.key), toTensor(yPred, this.key)), options);
  }

  override result(): Tensor {
    return this.mean.result();
  }

  override resetState(): void {
    this.mean.resetState();
  }
}

/**
 * The root of the mean of the squared differences so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class RootMeanSquaredError extends MeanMetricWrapper {
  static override readonly className: string = 'RootMeanSquaredError';

  constructor(name?: string | MetricOptions) {
    super(
      (yTrue, yPred) => {
        const [t, y] = sameRank(cast(yTrue, 'float32'), cast(yPred, 'float32'));
        return square(t.sub(y));
      },
      readOptions<MetricOptions>('RootMeanSquaredError', ['name'], [name]),
    );
  }

  override result(): Tensor {
    return sqrt(super.result());
  }
}
