import { whole } from '../errors.ts';
import { divideNoNan } from '../losses/reduce.ts';
import type { TensorLike } from '../ops/apply.ts';
import { add, greaterEqual, max, where } from '../ops/index.ts';
import { numberWithin, optional, readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { DType, Tensor, Variable } from '../tensor.ts';
import { type Cell, type Counting, type Counts, counted, stateOf, tally } from './confusion-matrix.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';

/** Options of the metrics that hold one rate and look for the best of another. */
export interface AtOptions extends MetricOptions {
  /** How many thresholds are tried, 200 if left out. */
  numThresholds?: number | undefined;
  /** Only this index of the last axis counts; all if left out. */
  classId?: number | null | undefined;
}

/** What their constructors take behind the rate that is held: Keras's parameters, then options. */
type AtArguments<O extends AtOptions> = [
  numThresholds?: number | O,
  classId?: number | null | O,
  name?: string | O,
  dtype?: DType | O,
  options?: O,
];

/** The rates of the thresholds. */
const rates = {
  recall: (c: Counts) => divideNoNan(c.truePositives, add(c.truePositives, c.falseNegatives)),
  precision: (c: Counts) => divideNoNan(c.truePositives, add(c.truePositives, c.falsePositives)),
  specificity: (c: Counts) => divideNoNan(c.trueNegatives, add(c.trueNegatives, c.falsePositives)),
};

/** The best of one rate among the thresholds where another one is high enough. */
abstract class BestAt extends Metric {
  readonly numThresholds: number;
  readonly classId: number | null;
  readonly #how: Omit<Counting, 'sampleWeight'>;
  readonly #cells: Record<Cell, Variable>;
  readonly #field: string;
  readonly #value: number;
  readonly #held: (counts: Counts) => Tensor;
  readonly #sought: (counts: Counts) => Tensor;

  constructor(field: string, held: keyof typeof rates, sought: keyof typeof rates, given: readonly unknown[]) {
    const className = classNameOf(new.target);
    const names = [field as 'classId', 'numThresholds', 'classId', ...metricOptions] as const;
    const read = readOptions<AtOptions & Record<string, unknown>>(className, names, given);
    super(read);
    this.#field = field;
    this.#value = numberWithin(className, field, read[field], 0, 1);
    this.numThresholds = whole(className, 'numThresholds', read.numThresholds ?? 200, 1);
    this.classId = optional(whole, className, 'classId', read.classId, 0);
    const last = this.numThresholds - 1;
    const thresholds = last === 0 ? [0.5] : Array.from({ length: last + 1 }, (_, i) => i / last);
    this.#how = { thresholds, even: last > 0, classId: this.classId };
    this.#cells = stateOf((name) => this.addVariable(name, [thresholds.length]));
    this.#held = rates[held];
    this.#sought = rates[sought];
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const sampleWeight = weightOf(this.key, options);
    tally(this.#cells, counted(this.key, yTrue, yPred, { ...this.#how, sampleWeight }));
  }

  override result(): Tensor {
    const enough = greaterEqual(this.#held(this.#cells), this.#value);
    return max(where(enough, this.#sought(this.#cells), 0));
  }

  override getConfig(): object {
    const { numThresholds, classId } = this;
    return { ...super.getConfig(), numThresholds, [this.#field]: this.#value, classId };
  }
}

/** Options of {@link SensitivityAtSpecificity}. */
export interface SensitivityAtSpecificityOptions extends AtOptions {
  /** From 0 to 1. */
  specificity?: number | undefined;
}

/**
 * The best sensitivity (share of labels of yes that are found) among thresholds whose specificity (share of labels of no
 * that are found) is at least so high. Labels 0 or 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a specificity that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class SensitivityAtSpecificity extends BestAt {
  static readonly className: string = 'SensitivityAtSpecificity';

  constructor(
    specificity: number | SensitivityAtSpecificityOptions,
    ...rest: AtArguments<SensitivityAtSpecificityOptions>
  ) {
    super('specificity', 'specificity', 'recall', [specificity, ...rest]);
  }
}

/** Options of {@link SpecificityAtSensitivity}. */
export interface SpecificityAtSensitivityOptions extends AtOptions {
  /** From 0 to 1. */
  sensitivity?: number | undefined;
}

/**
 * The best specificity (share of labels of no that are found) among thresholds whose sensitivity (share of labels of yes
 * that are found) is at least so high. Labels 0 or 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a sensitivity that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class SpecificityAtSensitivity extends BestAt {
  static readonly className: string = 'SpecificityAtSensitivity';

  constructor(
    sensitivity: number | SpecificityAtSensitivityOptions,
    ...rest: AtArguments<SpecificityAtSensitivityOptions>
  ) {
    super('sensitivity', 'recall', 'specificity', [sensitivity, ...rest]);
  }
}

/** Options of {@link PrecisionAtRecall}. */
export interface PrecisionAtRecallOptions extends AtOptions {
  /** From 0 to 1. */
  recall?: number | undefined;
}

/**
 * The best precision among thresholds whose recall is at least so high. Labels 0 or 1 and predictions 0 to 1, of one
 * shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a recall that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class PrecisionAtRecall extends BestAt {
  static readonly className: string = 'PrecisionAtRecall';

  constructor(recall: number | PrecisionAtRecallOptions, ...rest: AtArguments<PrecisionAtRecallOptions>) {
    super('recall', 'recall', 'precision', [recall, ...rest]);
  }
}

/** Options of {@link RecallAtPrecision}. */
export interface RecallAtPrecisionOptions extends AtOptions {
  /** From 0 to 1. */
  precision?: number | undefined;
}

/**
 * The best recall among thresholds whose precision is at least so high. Labels 0 or 1 and predictions 0 to 1, of one
 * shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a precision that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class RecallAtPrecision extends BestAt {
  static readonly className: string = 'RecallAtPrecision';

  constructor(precision: number | RecallAtPrecisionOptions, ...rest: AtArguments<RecallAtPrecisionOptions>) {
    super('precision', 'precision', 'recall', [precision, ...rest]);
  }
}
