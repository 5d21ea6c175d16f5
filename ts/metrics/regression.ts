import { FoveaError, oneOf, whole } from '../errors.ts';
import { aligned, epsilon, floats } from '../losses/align.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import {
  add,
  broadcastTo,
  div,
  expandDims,
  isFinite as isFiniteNumber,
  isNan,
  lessEqual,
  logicalOr,
  mean,
  mul,
  sqrt,
  square,
  std,
  sub,
  sum,
  variance,
  where,
} from '../ops/index.ts';
import { readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { DType, Tensor, Variable } from '../tensor.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';
import { PlainMetric } from './plain-metric.ts';
import { MeanMetricWrapper } from './reduction.ts';

/**
 * The root of the mean of the squared differences so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class RootMeanSquaredError extends PlainMetric {
  static override readonly className: string = 'RootMeanSquaredError';
  /** What else strings call it. */
  static readonly aliases = ['rmse', 'RMSE'] as const;

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return square(sub(...aligned('rootMeanSquaredError', yTrue, yPred)));
  }

  /** As in Keras, a mask of the predictions hides nothing. */
  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const errors = this.values(toTensor(yTrue, this.key), toTensor(yPred, this.key));
    this.mean.updateState(errors, { sampleWeight: weightOf(this.key, options) });
  }

  override result(): Tensor {
    return sqrt(super.result());
  }
}

/** Options of the correlations. */
export interface CorrelationOptions extends MetricOptions {
  /** Along which axis values correlate, the last if left out. */
  axis?: number | undefined;
}

const centred = (x: Tensor, axis: number): Tensor => sub(x, mean(x, axis, { keepdims: true }));

/**
 * Pearson's correlation of labels and predictions along an axis, the last if left out: 1 for a rising line, −1 for a
 * falling one, NaN where one of them is constant.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export function pearsonCorrelation(yTrue: TensorLike, yPred: TensorLike, axis = -1): Tensor {
  const along = whole('pearsonCorrelation', 'axis', axis);
  const [t, y] = aligned('pearsonCorrelation', yTrue, yPred);
  const normal = (x: Tensor) => {
    const apart = centred(x, along);
    return div(apart, std(apart, along, { keepdims: true }));
  };
  return mean(mul(normal(t), normal(y)), along);
}

/**
 * The concordance correlation of labels and predictions along an axis, the last if left out: 1 only where they are equal.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export function concordanceCorrelation(yTrue: TensorLike, yPred: TensorLike, axis = -1): Tensor {
  const along = whole('concordanceCorrelation', 'axis', axis);
  const [t, y] = aligned('concordanceCorrelation', yTrue, yPred);
  const middle = (x: Tensor) => mean(x, along, { keepdims: true });
  const spread = (x: Tensor) => variance(centred(x, along), along, { keepdims: true });
  const covariance = mul(sub(t, middle(y)), sub(y, middle(y)));
  const norm = add(add(spread(t), spread(y)), square(sub(middle(t), middle(y))));
  return mean(div(mul(covariance, 2), add(norm, epsilon)), along);
}

/** What both correlations are: means of a function along an axis. */
abstract class Correlation extends MeanMetricWrapper {
  readonly axis: number;

  constructor(
    name?: string | CorrelationOptions,
    dtype?: DType | CorrelationOptions,
    axis?: number | CorrelationOptions,
    options?: CorrelationOptions,
  ) {
    const className = classNameOf(new.target);
    const given = [name, dtype, axis, options];
    const { axis: chosen = -1, ...read } = readOptions<CorrelationOptions>(
      className,
      [...metricOptions, 'axis'],
      given,
    );
    const along = whole(className, 'axis', chosen);
    const { values } = new.target.prototype;
    super({ ...read, fn: (yTrue, yPred) => values(yTrue, yPred, along) });
    this.axis = along;
  }

  /** One value for each sample; does not know the metric. */
  abstract values(yTrue: Tensor, yPred: Tensor, axis: number): Tensor;

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/**
 * The mean of Pearson's correlation of labels and predictions so far. Both [batch, ..., n], n at least 2.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class PearsonCorrelation extends Correlation {
  static override readonly className: string = 'PearsonCorrelation';

  override values(yTrue: Tensor, yPred: Tensor, axis: number): Tensor {
    return pearsonCorrelation(yTrue, yPred, axis);
  }
}

/**
 * The mean concordance correlation of labels and predictions so far. Both [batch, ..., n], n at least 2.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class ConcordanceCorrelation extends Correlation {
  static override readonly className: string = 'ConcordanceCorrelation';

  override values(yTrue: Tensor, yPred: Tensor, axis: number): Tensor {
    return concordanceCorrelation(yTrue, yPred, axis);
  }
}

const aggregations = ['uniformAverage', 'varianceWeightedAverage'] as const;

/** How the scores of several outputs become one. */
export type Aggregation = (typeof aggregations)[number];

/** Options of {@link R2Score}. */
export interface R2ScoreOptions extends MetricOptions {
  /** `'uniformAverage'` if left out; `null` gives the score of each output. */
  classAggregation?: Aggregation | null | undefined;
  /** How many variables the predictions were made of, for the adjusted score; 0 if left out. */
  numRegressors?: number | undefined;
}

/**
 * How much of the labels' variance the predictions explain: 1 if they are right, 0 if no better than the mean. Both
 * [batch, n].
 *
 * @throws FoveaError `SHAPE_MISMATCH` for other ranks
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class R2Score extends Metric {
  static readonly className: string = 'R2Score';
  readonly classAggregation: Aggregation | null;
  readonly numRegressors: number;
  readonly #samples: Variable;
  #sums: { sum: Variable; squaredSum: Variable; totalMse: Variable; count: Variable } | null = null;

  constructor(
    classAggregation?: Aggregation | null | R2ScoreOptions,
    numRegressors?: number | R2ScoreOptions,
    name?: string | R2ScoreOptions,
    dtype?: DType | R2ScoreOptions,
    options?: R2ScoreOptions,
  ) {
    const className = 'R2Score';
    const names = ['classAggregation', 'numRegressors', ...metricOptions] as const;
    const given = [classAggregation, numRegressors, name, dtype, options];
    const read = readOptions<R2ScoreOptions>(className, names, given);
    super(read);
    const { classAggregation: chosen = 'uniformAverage' } = read;
    this.classAggregation = chosen === null ? null : oneOf(className, 'classAggregation', chosen, aggregations);
    this.numRegressors = whole(className, 'numRegressors', read.numRegressors ?? 0, 0);
    this.#samples = this.addVariable('num_samples');
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const [t, y] = aligned(this.key, yTrue, yPred);
    if (t.rank !== 2 || y.rank !== 2)
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `${this.key}: expected labels and predictions [batch, n]; received ${t} and ${y}.`,
        this.key,
      );
    this.#sums ??= this.#state(t.dim(1));
    const given = weightOf(this.key, options);
    const weight = given === null ? toTensor(1) : floats(this.key, given);
    const each = broadcastTo(weight.rank === 1 ? expandDims(weight, 1) : weight, t.shape);
    const { sum: total, squaredSum, totalMse, count } = this.#sums;
    const weighted = mul(t, each);
    total.assign(add(total, sum(weighted, 0)));
    squaredSum.assign(add(squaredSum, sum(mul(t, weighted), 0)));
    totalMse.assign(add(totalMse, sum(mul(square(sub(t, y)), each), 0)));
    count.assign(add(count, sum(each, 0)));
    this.#samples.assign(add(this.#samples, t.size));
  }

  #state(outputs: number) {
    return {
      squaredSum: this.addVariable('squared_sum', [outputs]),
      sum: this.addVariable('sum', [outputs]),
      totalMse: this.addVariable('residual', [outputs]),
      count: this.addVariable('count', [outputs]),
    };
  }

  override result(): Tensor {
    if (this.#sums === null)
      throw new FoveaError('NOT_BUILT', `${this.key}: has no result before the first update.`, this.key);
    const { sum: labels, squaredSum, totalMse, count } = this.#sums;
    const total = sub(squaredSum, mul(labels, div(labels, count)));
    const raw = sub(1, div(totalMse, total));
    const scores = where(logicalOr(isFiniteNumber(raw), isNan(raw)), raw, 0);
    if (this.classAggregation === null) return this.#adjusted(scores);
    if (this.classAggregation === 'uniformAverage') return this.#adjusted(mean(scores));
    return this.#adjusted(div(sum(mul(total, scores)), sum(total)));
  }

  /** Keras's rule: with too few samples for so many regressors the score stays as it is. */
  #adjusted(score: Tensor): Tensor {
    if (this.numRegressors === 0) return score;
    const n = this.#samples.value;
    const rest = sub(sub(n, this.numRegressors), 1);
    const adjusted = sub(1, div(mul(sub(1, score), sub(n, 1)), rest));
    return where(lessEqual(rest, 0), score, adjusted);
  }

  override getConfig(): object {
    const { classAggregation, numRegressors } = this;
    return { ...super.getConfig(), classAggregation, numRegressors };
  }
}
