import { whole } from '../errors.ts';
import { divideNoNan } from '../losses/reduce.ts';
import type { TensorLike } from '../ops/apply.ts';
import { add, at } from '../ops/index.ts';
import { type ListBeside, optional, readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { DType, Tensor, Variable } from '../tensor.ts';
import {
  type Cell,
  type Counting,
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

/** What constructors of the counts take: Keras's parameters, then options. */
type CountArguments = [
  thresholds?: number | ListBeside<CountOptions> | null | CountOptions,
  name?: string | CountOptions,
  dtype?: DType | CountOptions,
  options?: CountOptions,
];

/** What the four counts share. */
abstract class Count extends Metric {
  readonly thresholds: number | readonly number[] | null;
  readonly #how: Pick<Counting, 'thresholds' | 'even'>;
  readonly #counts: Variable;
  readonly #cell: Cell;

  constructor(cell: Cell, args: CountArguments) {
    const className = classNameOf(new.target);
    const read = readOptions<CountOptions>(className, ['thresholds', ...metricOptions], args);
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

  constructor(...args: CountArguments) {
    super('truePositives', args);
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

  constructor(...args: CountArguments) {
    super('falsePositives', args);
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

  constructor(...args: CountArguments) {
    super('trueNegatives', args);
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

  constructor(...args: CountArguments) {
    super('falseNegatives', args);
  }
}

/** Options of {@link Precision} and {@link Recall}. */
export interface PrecisionOptions extends CountOptions {
  /** Only so many greatest predictions of a sample count as yes, whatever the thresholds if none are given. */
  topK?: number | null | undefined;
  /** Only this index of the last axis counts; all if left out. */
  classId?: number | null | undefined;
}

/** What constructors of {@link Precision} and {@link Recall} take: Keras's parameters, then options. */
type PrecisionArguments = [
  thresholds?: number | ListBeside<PrecisionOptions> | null | PrecisionOptions,
  topK?: number | null | PrecisionOptions,
  classId?: number | null | PrecisionOptions,
  name?: string | PrecisionOptions,
  dtype?: DType | PrecisionOptions,
  options?: PrecisionOptions,
];

/** What precision and recall share: the share of true positives in them and one other count. */
abstract class Share extends Metric {
  readonly thresholds: number | readonly number[] | null;
  readonly topK: number | null;
  readonly classId: number | null;
  readonly #how: Omit<Counting, 'sampleWeight'>;
  readonly #cells: { truePositives: Variable } & Partial<Record<Cell, Variable>>;
  readonly #other: Variable;

  constructor(other: Cell, args: PrecisionArguments) {
    const className = classNameOf(new.target);
    const names = ['thresholds', 'topK', 'classId', ...metricOptions] as const;
    const read = readOptions<PrecisionOptions>(className, names, args);
    super(read);
    this.topK = optional(whole, className, 'topK', read.topK, 1);
    this.classId = optional(whole, className, 'classId', read.classId, 0);
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

  constructor(...args: PrecisionArguments) {
    super('falsePositives', args);
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

  constructor(...args: PrecisionArguments) {
    super('falseNegatives', args);
  }
}
