import { whole } from '../errors.ts';
import { divideNoNan } from '../losses/reduce.ts';
import type { TensorLike } from '../ops/apply.ts';
import { add, at, greaterEqual, max, where } from '../ops/index.ts';
import { type ListBeside, numberWithin, readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { DType, Tensor, Variable } from '../tensor.ts';
import {
  type Cell,
  type Counting,
  type Counts,
  counted,
  evenly,
  nowhere,
  stateNames,
  tally,
  thresholdsOf,
} from './confusion-matrix.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';

/** A tensor of one number as that number. */
const alone = (x: Tensor): Tensor => (x.dim(0) === 1 ? at(x, 0) : x);

/** Options of the counts. */
export interface CountOptions extends MetricOptions {
  /** Above it a prediction counts as yes, 0.5 if left out; several give several numbers. */
  thresholds?: number | readonly number[] | null | undefined;
}

/** What the four counts share. */
abstract class Count extends Metric {
  readonly thresholds: number | readonly number[] | null;
  readonly #how: Pick<Counting, 'thresholds' | 'even'>;
  readonly #counts: Variable;
  readonly #cell: Cell;

  constructor(
    cell: Cell,
    thresholds?: number | ListBeside<CountOptions> | null | CountOptions,
    name?: string | CountOptions,
    dtype?: DType | CountOptions,
    options?: CountOptions,
  ) {
    const className = classNameOf(new.target);
    const given = [thresholds, name, dtype, options];
    const read = readOptions<CountOptions>(className, ['thresholds', ...metricOptions], given);
    super(read);
    const list = thresholdsOf(className, read.thresholds, 0.5);
    this.thresholds = read.thresholds ?? null;
    this.#how = { thresholds: list, even: evenly(list) };
    this.#cell = cell;
    this.#counts = this.addVariable('accumulator', [list.length]);
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const sampleWeight = weightOf(this.key, options);
    tally({ [this.#cell]: this.#counts }, counted(this.key, yTrue, yPred, { ...this.#how, sampleWeight }));
  }

  override result(): Tensor {
    return alone(this.#counts.value);
  }

  override getConfig(): object {
    return { ...super.getConfig(), thresholds: this.thresholds };
  }
}

/**
 * How many predictions of yes are right, by weight. Labels 0 or 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class TruePositives extends Count {
  static readonly className: string = 'TruePositives';

  constructor(
    thresholds?: number | ListBeside<CountOptions> | null | CountOptions,
    name?: string | CountOptions,
    dtype?: DType | CountOptions,
    options?: CountOptions,
  ) {
    super('truePositives', thresholds, name, dtype, options);
  }
}

/**
 * How many predictions of yes are wrong, by weight. Labels 0 or 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class FalsePositives extends Count {
  static readonly className: string = 'FalsePositives';

  constructor(
    thresholds?: number | ListBeside<CountOptions> | null | CountOptions,
    name?: string | CountOptions,
    dtype?: DType | CountOptions,
    options?: CountOptions,
  ) {
    super('falsePositives', thresholds, name, dtype, options);
  }
}

/**
 * How many predictions of no are right, by weight. Labels 0 or 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class TrueNegatives extends Count {
  static readonly className: string = 'TrueNegatives';

  constructor(
    thresholds?: number | ListBeside<CountOptions> | null | CountOptions,
    name?: string | CountOptions,
    dtype?: DType | CountOptions,
    options?: CountOptions,
  ) {
    super('trueNegatives', thresholds, name, dtype, options);
  }
}

/**
 * How many predictions of no are wrong, by weight. Labels 0 or 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class FalseNegatives extends Count {
  static readonly className: string = 'FalseNegatives';

  constructor(
    thresholds?: number | ListBeside<CountOptions> | null | CountOptions,
    name?: string | CountOptions,
    dtype?: DType | CountOptions,
    options?: CountOptions,
  ) {
    super('falseNegatives', thresholds, name, dtype, options);
  }
}

/** Options of {@link Precision} and {@link Recall}. */
export interface PrecisionOptions extends CountOptions {
  /** Only so many greatest predictions of a sample count as yes, whatever the thresholds if none are given. */
  topK?: number | null | undefined;
  /** Only this index of the last axis counts; all if left out. */
  classId?: number | null | undefined;
}

const optional = (where_: string, field: string, value: number | null | undefined, least: number): number | null =>
  value === null || value === undefined ? null : whole(where_, field, value, least);

/** What precision and recall share: the share of true positives in them and one other count. */
abstract class Share extends Metric {
  readonly thresholds: number | readonly number[] | null;
  readonly topK: number | null;
  readonly classId: number | null;
  readonly #how: Omit<Counting, 'sampleWeight'>;
  readonly #cells: { truePositives: Variable } & Partial<Record<Cell, Variable>>;
  readonly #other: Variable;

  constructor(
    other: Cell,
    thresholds?: number | ListBeside<PrecisionOptions> | null | PrecisionOptions,
    topK?: number | null | PrecisionOptions,
    classId?: number | null | PrecisionOptions,
    name?: string | PrecisionOptions,
    dtype?: DType | PrecisionOptions,
    options?: PrecisionOptions,
  ) {
    const className = classNameOf(new.target);
    const given = [thresholds, topK, classId, name, dtype, options];
    const names = ['thresholds', 'topK', 'classId', ...metricOptions] as const;
    const read = readOptions<PrecisionOptions>(className, names, given);
    super(read);
    this.topK = optional(className, 'topK', read.topK, 1);
    this.classId = optional(className, 'classId', read.classId, 0);
    const list = thresholdsOf(className, read.thresholds, this.topK === null ? 0.5 : nowhere);
    this.thresholds = read.thresholds ?? null;
    this.#how = { thresholds: list, even: evenly(list), topK: this.topK, classId: this.classId };
    const truePositives = this.addVariable(stateNames.truePositives, [list.length]);
    this.#other = this.addVariable(stateNames[other], [list.length]);
    this.#cells = { truePositives, [other]: this.#other };
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const sampleWeight = weightOf(this.key, options);
    tally(this.#cells, counted(this.key, yTrue, yPred, { ...this.#how, sampleWeight }));
  }

  override result(): Tensor {
    const { truePositives } = this.#cells;
    return alone(divideNoNan(truePositives.value, add(truePositives, this.#other)));
  }

  override getConfig(): object {
    const { thresholds, topK, classId } = this;
    return { ...super.getConfig(), thresholds, topK, classId };
  }
}

/**
 * How many predictions of yes are right: true positives / (true positives + false positives), 0 without any. Labels 0 or
 * 1 and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class Precision extends Share {
  static readonly className: string = 'Precision';

  constructor(
    thresholds?: number | ListBeside<PrecisionOptions> | null | PrecisionOptions,
    topK?: number | null | PrecisionOptions,
    classId?: number | null | PrecisionOptions,
    name?: string | PrecisionOptions,
    dtype?: DType | PrecisionOptions,
    options?: PrecisionOptions,
  ) {
    super('falsePositives', thresholds, topK, classId, name, dtype, options);
  }
}

/**
 * How many labels of yes are found: true positives / (true positives + false negatives), 0 without any. Labels 0 or 1
 * and predictions 0 to 1, of one shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a threshold that is not from 0 to 1
 * @see https://keras.io/api/metrics/classification_metrics/
 */
export class Recall extends Share {
  static readonly className: string = 'Recall';

  constructor(
    thresholds?: number | ListBeside<PrecisionOptions> | null | PrecisionOptions,
    topK?: number | null | PrecisionOptions,
    classId?: number | null | PrecisionOptions,
    name?: string | PrecisionOptions,
    dtype?: DType | PrecisionOptions,
    options?: PrecisionOptions,
  ) {
    super('falseNegatives', thresholds, topK, classId, name, dtype, options);
  }
}

/** Options of the metrics that hold one rate and look for the best of another. */
export interface AtOptions extends MetricOptions {
  /** How many thresholds are tried, 200 if left out. */
  numThresholds?: number | undefined;
  /** Only this index of the last axis counts; all if left out. */
  classId?: number | null | undefined;
}

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
    this.classId = optional(className, 'classId', read.classId, 0);
    const last = this.numThresholds - 1;
    const thresholds = last === 0 ? [0.5] : Array.from({ length: last + 1 }, (_, i) => i / last);
    this.#how = { thresholds, even: last > 0, classId: this.classId };
    const state = (cell: Cell) => this.addVariable(stateNames[cell], [thresholds.length]);
    this.#cells = {
      truePositives: state('truePositives'),
      falsePositives: state('falsePositives'),
      trueNegatives: state('trueNegatives'),
      falseNegatives: state('falseNegatives'),
    };
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
    numThresholds?: number | SensitivityAtSpecificityOptions,
    classId?: number | null | SensitivityAtSpecificityOptions,
    name?: string | SensitivityAtSpecificityOptions,
    dtype?: DType | SensitivityAtSpecificityOptions,
    options?: SensitivityAtSpecificityOptions,
  ) {
    super('specificity', 'specificity', 'recall', [specificity, numThresholds, classId, name, dtype, options]);
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
    numThresholds?: number | SpecificityAtSensitivityOptions,
    classId?: number | null | SpecificityAtSensitivityOptions,
    name?: string | SpecificityAtSensitivityOptions,
    dtype?: DType | SpecificityAtSensitivityOptions,
    options?: SpecificityAtSensitivityOptions,
  ) {
    super('sensitivity', 'recall', 'specificity', [sensitivity, numThresholds, classId, name, dtype, options]);
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

  constructor(
    recall: number | PrecisionAtRecallOptions,
    numThresholds?: number | PrecisionAtRecallOptions,
    classId?: number | null | PrecisionAtRecallOptions,
    name?: string | PrecisionAtRecallOptions,
    dtype?: DType | PrecisionAtRecallOptions,
    options?: PrecisionAtRecallOptions,
  ) {
    super('recall', 'recall', 'precision', [recall, numThresholds, classId, name, dtype, options]);
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

  constructor(
    precision: number | RecallAtPrecisionOptions,
    numThresholds?: number | RecallAtPrecisionOptions,
    classId?: number | null | RecallAtPrecisionOptions,
    name?: string | RecallAtPrecisionOptions,
    dtype?: DType | RecallAtPrecisionOptions,
    options?: RecallAtPrecisionOptions,
  ) {
    super('precision', 'precision', 'recall', [precision, numThresholds, classId, name, dtype, options]);
  }
}
