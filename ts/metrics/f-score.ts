import { badArgument, FoveaError, oneOf, shown } from '../errors.ts';
import { epsilon, floats } from '../losses/align.ts';
import type { TensorLike } from '../ops/apply.ts';
import {
  abs,
  add,
  cast,
  div,
  expandDims,
  greater,
  greaterEqual,
  logicalAnd,
  max,
  mean,
  mul,
  sub,
  sum,
} from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { DType, Tensor, Variable } from '../tensor.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';

const averages = ['micro', 'macro', 'weighted'] as const;

/** How the scores of classes become one. */
export type Average = (typeof averages)[number];

/** Options of {@link F1Score}. */
export interface F1ScoreOptions extends MetricOptions {
  /**
   * `'micro'` counts all classes together, `'macro'` is the mean of their scores, `'weighted'` weighs that by how often
   * they come; `null`, if left out, gives the score of each class.
   */
  average?: Average | null | undefined;
  /** Above it a prediction counts as yes; `null`, if left out: the greatest of a sample alone. */
  threshold?: number | null | undefined;
}

/** Options of {@link FBetaScore}. */
export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How many times as much recall counts as precision, 1 if left out. */
  beta?: number | undefined;
}

interface State {
  readonly truePositives: Variable;
  readonly falsePositives: Variable;
  readonly falseNegatives: Variable;
  readonly weights: Variable;
}

/**
 * (1 + β²) · precision · recall / (β² · precision + recall). Labels 0 or 1 and predictions, both [batch, classes]; its
 * name is `fbeta_score` if none is given.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a beta of 0 or less, a threshold that is not above 0 and at most 1;
 * `SHAPE_MISMATCH` for other ranks
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class FBetaScore extends Metric {
  static readonly className: string = 'FBetaScore';
  readonly average: Average | null;
  readonly beta: number;
  readonly threshold: number | null;
  #state: State | null = null;

  constructor(
    average?: Average | null | FBetaScoreOptions,
    beta?: number | FBetaScoreOptions,
    threshold?: number | null | FBetaScoreOptions,
    name?: string | FBetaScoreOptions,
    dtype?: DType | FBetaScoreOptions,
    options?: FBetaScoreOptions,
  ) {
    const where = 'FBetaScore';
    const names = ['average', 'beta', 'threshold', ...metricOptions] as const;
    const given = [average, beta, threshold, name, dtype, options];
    const read = readOptions<FBetaScoreOptions>(where, names, given);
    super(read, new.target === FBetaScore ? { name: 'fbeta_score' } : {});
    const { average: chosen = null, threshold: border = null } = read;
    this.average = chosen === null ? null : oneOf(where, 'average', chosen, averages);
    this.beta = numberWithin(where, 'beta', read.beta ?? 1, Number.MIN_VALUE, Infinity);
    if (border !== null && !(typeof border === 'number' && border > 0 && border <= 1))
      throw badArgument(where, `threshold must be a number above 0 and at most 1; received ${shown(border)}.`);
    this.threshold = border;
  }

  #build(shape: readonly number[]): State {
    return {
      truePositives: this.addVariable('true_positives', shape),
      falsePositives: this.addVariable('false_positives', shape),
      falseNegatives: this.addVariable('false_negatives', shape),
      weights: this.addVariable('intermediate_weights', shape),
    };
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const [t, y] = [floats(this.key, yTrue), floats(this.key, yPred)];
    if (t.rank !== 2 || y.rank !== 2)
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `${this.key}: expected labels and predictions [batch, classes]; received ${t} and ${y}.`,
        this.key,
      );
    const micro = this.average === 'micro';
    this.#state ??= this.#build(micro ? [] : [y.dim(1)]);
    const greatest = () => logicalAnd(greaterEqual(y, max(y, -1, { keepdims: true })), greater(abs(y), 1e-9));
    const yes = cast(this.threshold === null ? greatest() : greater(y, this.threshold), 'float32');
    const weight = weightOf(this.key, options);
    const column = weight === null ? null : expandDims(floats(this.key, weight), 1);
    const total = (x: Tensor) => sum(column === null ? x : mul(x, column), micro ? null : 0);
    const { truePositives, falsePositives, falseNegatives, weights } = this.#state;
    truePositives.assign(add(truePositives, total(mul(yes, t))));
    falsePositives.assign(add(falsePositives, total(mul(yes, sub(1, t)))));
    falseNegatives.assign(add(falseNegatives, total(mul(sub(1, yes), t))));
    weights.assign(add(weights, total(t)));
  }

  override result(): Tensor {
    if (this.#state === null)
      throw new FoveaError('NOT_BUILT', `${this.key}: has no result before the first update.`, this.key);
    const { truePositives, falsePositives, falseNegatives, weights } = this.#state;
    const precision = div(truePositives, add(add(truePositives, falsePositives), epsilon));
    const recall = div(truePositives, add(add(truePositives, falseNegatives), epsilon));
    const square = this.beta ** 2;
    const scores = mul(div(mul(precision, recall), add(add(mul(precision, square), recall), epsilon)), 1 + square);
    if (this.average === 'weighted') return sum(mul(scores, div(weights, add(sum(weights), epsilon))));
    return this.average === null ? scores : mean(scores);
  }

  override getConfig(): object {
    const { average, beta, threshold } = this;
    return { ...super.getConfig(), average, beta, threshold };
  }
}

/**
 * The harmonic mean of precision and recall. Labels 0 or 1 and predictions, both [batch, classes].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not above 0 and at most 1; `SHAPE_MISMATCH` for other ranks
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class F1Score extends FBetaScore {
  static override readonly className: string = 'F1Score';

  constructor(
    average?: Average | null | F1ScoreOptions,
    threshold?: number | null | F1ScoreOptions,
    name?: string | F1ScoreOptions,
    dtype?: DType | F1ScoreOptions,
    options?: F1ScoreOptions,
  ) {
    const names = ['average', 'threshold', ...metricOptions] as const;
    const read = readOptions<F1ScoreOptions>('F1Score', names, [average, threshold, name, dtype, options]);
    super({ name: 'f1_score', ...read });
  }

  override getConfig(): object {
    const { beta: _, ...config } = super.getConfig() as { beta: number };
    return config;
  }
}
