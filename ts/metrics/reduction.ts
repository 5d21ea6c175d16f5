import { badArgument, shown } from '../errors.ts';
import { maskOf } from '../layers/mask.ts';
import { divideNoNan, masked, sameRank } from '../losses/reduce.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { add, broadcastTo, cast, mean, mul, sum } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import type { DType, Tensor, Variable } from '../tensor.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';

type Reduce = (x: Tensor, axes: readonly number[]) => Tensor;

const axes = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** One value for each sample, and its weight, by Keras's rules. */
function samplewise(values: Tensor, weight: Tensor | null, reduce: Reduce): { values: Tensor; weight: Tensor | null } {
  let v = cast(values, 'float32');
  let w = weight;
  if (w !== null) {
    const mask = maskOf(values);
    if (mask !== null) w = masked(w, mask, 'sum');
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

/**
 * The (weighted) sum of all values so far, of any shape.
 *
 * @see https://keras.io/api/metrics/metrics_wrappers/
 */
export class Sum extends Metric {
  static readonly className: string = 'Sum';
  /** The sum of the values times their weights: float32 []. */
  readonly total: Variable;

  constructor(name?: string | MetricOptions, dtype?: DType | MetricOptions, options?: MetricOptions) {
    super(readOptions<MetricOptions>('Sum', metricOptions, [name, dtype, options]));
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

  constructor(name?: string | MetricOptions, dtype?: DType | MetricOptions, options?: MetricOptions) {
    super(readOptions<MetricOptions>('Mean', metricOptions, [name, dtype, options]));
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

/** Options of {@link MeanMetricWrapper}. */
export interface MeanMetricWrapperOptions extends MetricOptions {
  /** One value for each sample. */
  fn?: MetricFunction | undefined;
}

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

  constructor(
    fn: MetricFunction | MeanMetricWrapperOptions,
    name?: string | MeanMetricWrapperOptions,
    dtype?: DType | MeanMetricWrapperOptions,
    options?: MeanMetricWrapperOptions,
  ) {
    const where = 'MeanMetricWrapper';
    const given = [fn, name, dtype, options];
    const read = readOptions<MeanMetricWrapperOptions>(where, ['fn', ...metricOptions], given);
    if (typeof read.fn !== 'function')
      throw badArgument(where, `fn must be a function of labels and predictions; received ${shown(read.fn)}.`);
    super(read);
    this.fn = read.fn;
    this.mean = new Mean(this.name);
  }

  override get variables(): readonly Variable[] {
    return this.mean.variables;
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const predictions = toTensor(yPred, this.key);
    const weight = weightOf(this.key, options);
    const mask = maskOf(predictions);
    const sampleWeight = mask === null ? weight : masked(weight, mask, 'sum');
    this.mean.updateState(this.fn(toTensor(yTrue, this.key), predictions), { sampleWeight });
  }

  override result(): Tensor {
    return this.mean.result();
  }

  override resetState(): void {
    this.mean.resetState();
  }

  override getConfig(): object {
    // A class of its own knows its function.
    const own = Object.getPrototypeOf(this) === MeanMetricWrapper.prototype;
    return { ...super.getConfig(), ...(own ? { fn: this.fn } : {}) };
  }
}
