import { badArgument, flag, oneOf, shown, whole } from '../errors.ts';
import { divideNoNan } from '../losses/reduce.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import {
  add,
  at,
  div,
  equal,
  greater,
  log,
  logicalAnd,
  maximum,
  mean,
  minimum,
  mul,
  sigmoid,
  sub,
  sum,
  where,
} from '../ops/index.ts';
import { type ListBeside, optional, readOptions } from '../options.ts';
import { type DType, type Tensor, tensor, type Variable } from '../tensor.ts';
import { type Cell, type Counts, counted, evenly, stateOf, tally, thresholdsOf } from './confusion-matrix.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';

const curves = ['ROC', 'PR', 'PRGAIN'] as const;
const methods = ['interpolation', 'majoring', 'minoring'] as const;

/** What an {@link AUC} is the area under. */
export type Curve = (typeof curves)[number];

/** How an {@link AUC} sums. */
export type SummationMethod = (typeof methods)[number];

/** Options of {@link AUC}. */
export interface AUCOptions extends MetricOptions {
  /** How many thresholds are tried, 200 if left out; at least 2. */
  numThresholds?: number | undefined;
  /** `'ROC'` if left out: true over false positives. `'PR'`: precision over recall; `'PRGAIN'`: their gains. */
  curve?: Curve | Lowercase<Curve> | undefined;
  /** `'interpolation'` if left out: the middle of an interval's ends; `'majoring'` and `'minoring'` take one of them. */
  summationMethod?: SummationMethod | Capitalize<SummationMethod> | undefined;
  /** The thresholds between 0 and 1 themselves, in place of `numThresholds`. */
  thresholds?: readonly number[] | null | undefined;
  /** Whether each index of the last axis has its own area, of which the result is the mean; `false` if left out. */
  multiLabel?: boolean | undefined;
  /** With `multiLabel` how many there are; by default what the first update shows. */
  numLabels?: number | null | undefined;
  /** How much each index of the last axis counts, all the same if left out. */
  labelWeights?: readonly number[] | null | undefined;
  /** Whether predictions are logits; probabilities if left out. */
  fromLogits?: boolean | undefined;
}

/**
 * The area under a curve that a threshold runs through: of ROC, how likely a label of yes gets a higher prediction than
 * one of no. Labels 0 or 1 and predictions 0 to 1, of one shape; with `multiLabel` [batch, labels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class AUC extends Metric {
  static readonly className: string = 'AUC';
  readonly numThresholds: number;
  readonly curve: Curve;
  readonly summationMethod: SummationMethod;
  /** All thresholds, the outer ones just below 0 and above 1. */
  readonly thresholds: readonly number[];
  readonly multiLabel: boolean;
  readonly numLabels: number | null;
  readonly labelWeights: readonly number[] | null;
  readonly fromLogits: boolean;
  readonly #given: boolean;
  readonly #even: boolean;
  #cells: Record<Cell, Variable> | null = null;

  constructor(
    numThresholds?: number | AUCOptions,
    curve?: Curve | Lowercase<Curve> | AUCOptions,
    summationMethod?: SummationMethod | Capitalize<SummationMethod> | AUCOptions,
    name?: string | AUCOptions,
    dtype?: DType | AUCOptions,
    thresholds?: ListBeside<AUCOptions> | null | AUCOptions,
    multiLabel?: boolean | AUCOptions,
    numLabels?: number | null | AUCOptions,
    labelWeights?: ListBeside<AUCOptions> | null | AUCOptions,
    fromLogits?: boolean | AUCOptions,
    options?: AUCOptions,
  ) {
    const where_ = 'AUC';
    const own = ['thresholds', 'multiLabel', 'numLabels', 'labelWeights', 'fromLogits'] as const;
    const names = ['numThresholds', 'curve', 'summationMethod', ...metricOptions, ...own] as const;
    const outer = [numThresholds, curve, summationMethod, name, dtype];
    const given = [...outer, thresholds, multiLabel, numLabels, labelWeights, fromLogits, options];
    const read = readOptions<AUCOptions>(where_, names, given);
    super(read);
    const { curve: shape = 'ROC', summationMethod: method = 'interpolation' } = read;
    this.curve = oneOf(where_, 'curve', typeof shape === 'string' ? shape.toUpperCase() : shape, curves);
    this.summationMethod = oneOf(
      where_,
      'summationMethod',
      typeof method === 'string' ? method.toLowerCase() : method,
      methods,
    );
    const between = read.thresholds ?? null;
    this.#given = between !== null;
    const inner =
      between === null ? spaced(whole(where_, 'numThresholds', read.numThresholds ?? 200, 2)) : sorted(between);
    this.#even = between === null || evenly([0, ...inner, 1]);
    this.thresholds = [-1e-7, ...inner, 1 + 1e-7];
    this.numThresholds = this.thresholds.length;
    this.multiLabel = flag(where_, 'multiLabel', read.multiLabel ?? false);
    this.numLabels = optional(whole, where_, 'numLabels', read.numLabels, 1);
    if (this.numLabels !== null && !this.multiLabel)
      throw badArgument(where_, 'numLabels is for multiLabel: true only.');
    this.labelWeights = weightsOf(read.labelWeights);
    this.fromLogits = flag(where_, 'fromLogits', read.fromLogits ?? false);
    if (!this.multiLabel) this.#cells = this.#state([this.numThresholds]);
    else if (this.numLabels !== null) this.#cells = this.#state([this.numThresholds, this.numLabels]);
  }

  #state(shape: readonly number[]): Record<Cell, Variable> {
    return stateOf((name) => this.addVariable(name, shape));
  }

  get #weights(): Tensor | null {
    return this.labelWeights === null ? null : tensor(Float32Array.from(this.labelWeights));
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const predictions = toTensor(yPred, this.key);
    const y = this.fromLogits ? sigmoid(predictions) : predictions;
    const { thresholds, multiLabel } = this;
    if (multiLabel && y.rank !== 2)
      throw badArgument(this.key, `multiLabel needs predictions [batch, labels]; received ${y}.`);
    this.#cells ??= this.#state([this.numThresholds, y.dim(1)]);
    const counting = { thresholds, multiLabel, even: this.#even, labelWeights: this.#weights };
    tally(this.#cells, counted(this.key, yTrue, y, { ...counting, sampleWeight: weightOf(this.key, options) }));
  }

  override result(): Tensor {
    if (this.#cells === null) return toTensor(0);
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = this.#cells;
    if (this.curve === 'PR' && this.summationMethod === 'interpolation') return this.#precisionRecall(this.#cells);
    const positives = add(truePositives, falseNegatives);
    const negatives = add(falsePositives, trueNegatives);
    const recall = divideNoNan(truePositives.value, positives);
    if (this.curve === 'ROC') return this.#area(divideNoNan(falsePositives.value, negatives), recall);
    if (this.curve === 'PR')
      return this.#area(recall, divideNoNan(truePositives.value, add(truePositives, falsePositives)));
    const odds = divideNoNan(positives, negatives);
    const gain = (errors: Tensor, without: number) => {
      const value = sub(1, mul(odds, divideNoNan(errors, truePositives.value)));
      return where(equal(truePositives, 0), without, value);
    };
    return this.#area(maximum(gain(falseNegatives.value, 0), 0), gain(falsePositives.value, 1));
  }

  /** The area under y over x, both by falling x. */
  #area(x: Tensor, y: Tensor): Tensor {
    const [low, high] = [at(y, [0, -1]), at(y, [1, null])];
    const heights = {
      interpolation: () => div(add(low, high), 2),
      minoring: () => minimum(low, high),
      majoring: () => maximum(low, high),
    }[this.summationMethod]();
    return this.#total(mul(sub(at(x, [0, -1]), at(x, [1, null])), heights));
  }

  /** The area under precision over recall: between two thresholds true positives rise with all positives in a line. */
  #precisionRecall({ truePositives, falsePositives, falseNegatives }: Counts): Tensor {
    const ends = (x: Tensor): [Tensor, Tensor] => [at(x, [0, -1]), at(x, [1, null])];
    const [tp0, tp1] = ends(truePositives);
    const [p0, p1] = ends(add(truePositives, falsePositives));
    const rise = sub(tp0, tp1);
    const slope = divideNoNan(rise, maximum(sub(p0, p1), 0));
    const intercept = sub(tp1, mul(slope, p1));
    const both = logicalAnd(greater(p0, 0), greater(p1, 0));
    const ratio = where(both, divideNoNan(p0, maximum(p1, 0)), 1);
    const parts = mul(slope, add(rise, mul(intercept, log(ratio))));
    return this.#total(divideNoNan(parts, maximum(add(tp1, ends(falseNegatives)[1]), 0)));
  }

  /** The sum over thresholds, and of several labels their mean. */
  #total(parts: Tensor): Tensor {
    if (!this.multiLabel) return sum(parts);
    const each = sum(parts, 0);
    const weights = this.#weights;
    return weights === null ? mean(each) : divideNoNan(sum(mul(each, weights)), sum(weights));
  }

  override getConfig(): object {
    const { numThresholds, curve, summationMethod, multiLabel, numLabels, labelWeights, fromLogits } = this;
    const own = { numThresholds, curve, summationMethod, multiLabel, numLabels, labelWeights, fromLogits };
    const thresholds = this.#given ? { thresholds: this.thresholds.slice(1, -1) } : {};
    return { ...super.getConfig(), ...own, ...thresholds };
  }
}

/** Evenly spaced thresholds between 0 and 1, both left out. */
const spaced = (count: number): number[] => Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));

/** Checks thresholds and sorts them. */
function sorted(thresholds: readonly number[]): number[] {
  const list = Array.isArray(thresholds) && thresholds.length === 0 ? [] : thresholdsOf('AUC', thresholds, 0);
  return [...list].sort((a, b) => a - b);
}

/** Checks the weights of labels. */
function weightsOf(weights: readonly number[] | null | undefined): readonly number[] | null {
  if (weights === null || weights === undefined) return null;
  if (Array.isArray(weights) && weights.length > 0 && weights.every((w) => typeof w === 'number')) return weights;
  throw badArgument('AUC', `labelWeights must be an array of numbers; received ${shown(weights)}.`);
}
