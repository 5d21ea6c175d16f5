import { badArgument, finite, flag, shown, whole } from '../errors.ts';
import { epsilon } from '../losses/align.ts';
import { apply, type TensorLike, toTensor } from '../ops/apply.ts';
import {
  add,
  argmax,
  at,
  broadcastTo,
  cast,
  div,
  gather,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  mul,
  notEqual,
  reshape,
  sub,
  sum,
  where,
} from '../ops/index.ts';
import { type ListBeside, optional, readOptions } from '../options.ts';
import { type DType, eye, type Tensor, tensor, type Variable } from '../tensor.ts';
import { Metric, type MetricOptions, metricOptions, type UpdateOptions, weightOf } from './metric.ts';

/** Options of {@link OneHotMeanIoU}. */
export interface OneHotMeanIoUOptions extends MetricOptions {
  /** How many classes there are. */
  numClasses?: number | undefined;
  /** Where labels are of this class nothing counts. */
  ignoreClass?: number | null | undefined;
  /** Whether predictions are the numbers of the classes, not one value for each. */
  sparseYPred?: boolean | undefined;
  /** The axis of the classes where they are not sparse, the last if left out. */
  axis?: number | undefined;
}

/** Options of {@link MeanIoU}. */
export interface MeanIoUOptions extends OneHotMeanIoUOptions {
  /** Whether labels are the numbers of the classes, not one value for each. */
  sparseYTrue?: boolean | undefined;
}

/** Options of {@link OneHotIoU}. */
export interface OneHotIoUOptions extends OneHotMeanIoUOptions {
  /** The classes whose mean is taken. */
  targetClassIds?: readonly number[] | undefined;
}

/** Options of {@link IoU}. */
export interface IoUOptions extends MeanIoUOptions {
  /** The classes whose mean is taken. */
  targetClassIds?: readonly number[] | undefined;
}

/** Sums of so many ones, and of small whole weights, are exact in float32. */
const exact = 2 ** 16;

const kinds = ['ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis'] as const;
const oneHotKinds = ['ignoreClass', 'sparseYPred', 'axis'] as const;

/**
 * Intersection over union of some classes: shared / (labelled + predicted − shared), their mean. Labels and predictions
 * are the numbers of the classes, of one shape, or values for each class. What is outside the classes does not count.
 * Counts are whole numbers, int64 if no `dtype` is given: weights are cut to such unless it is `'float32'`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a target that is none of the classes
 * @see https://keras.io/api/metrics/segmentation_metrics/
 */
export class IoU extends Metric {
  static readonly className: string = 'IoU';
  readonly numClasses: number;
  readonly targetClassIds: readonly number[];
  readonly ignoreClass: number | null;
  readonly sparseYTrue: boolean;
  readonly sparseYPred: boolean;
  readonly axis: number;
  readonly #counts: Variable;

  constructor(
    numClasses: number | IoUOptions,
    targetClassIds?: ListBeside<IoUOptions> | IoUOptions,
    name?: string | IoUOptions,
    dtype?: DType | IoUOptions,
    ignoreClass?: number | null | IoUOptions,
    sparseYTrue?: boolean | IoUOptions,
    sparseYPred?: boolean | IoUOptions,
    axis?: number | IoUOptions,
    options?: IoUOptions,
  ) {
    const where_ = 'IoU';
    const names = ['numClasses', 'targetClassIds', ...metricOptions, ...kinds] as const;
    const outer = [numClasses, targetClassIds, name, dtype];
    const read = readOptions<IoUOptions>(where_, names, [
      ...outer,
      ignoreClass,
      sparseYTrue,
      sparseYPred,
      axis,
      options,
    ]);
    super(read, { dtypes: ['int64', 'int32', 'float32'] });
    this.numClasses = whole(where_, 'numClasses', read.numClasses, 1);
    this.targetClassIds = targets(read.targetClassIds, this.numClasses);
    this.ignoreClass = optional(whole, where_, 'ignoreClass', read.ignoreClass);
    this.sparseYTrue = flag(where_, 'sparseYTrue', read.sparseYTrue ?? true);
    this.sparseYPred = flag(where_, 'sparseYPred', read.sparseYPred ?? true);
    this.axis = whole(where_, 'axis', read.axis ?? -1);
    this.#counts = this.addVariable('total_confusion_matrix', [this.numClasses, this.numClasses]);
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    const numbers = (x: TensorLike, sparse: boolean) => {
      const given = toTensor(x, this.key);
      return reshape(cast(sparse ? given : argmax(given, this.axis), 'int32'), [-1]);
    };
    const [t, y] = [numbers(yTrue, this.sparseYTrue), numbers(yPred, this.sparseYPred)];
    const within = (x: Tensor) => logicalAnd(greaterEqual(x, 0), less(x, this.numClasses));
    let counts = logicalAnd(within(t), within(y));
    if (this.ignoreClass !== null) counts = logicalAnd(counts, notEqual(t, this.ignoreClass));
    const given = cast(weightOf(this.key, options) ?? toTensor(1), this.dtype);
    const each = broadcastTo(given.rank > 1 ? reshape(given, [-1]) : given, t.shape);
    const cell = where(counts, add(mul(t, this.numClasses), y), 0);
    this.#counts.assign(add(this.#counts, this.#matrix(cell, where(counts, cast(each, 'float32'), 0))));
  }

  /** The weights of each cell of the confusion matrix: summed in float32 over short parts, then in the metric's dtype. */
  #matrix(cell: Tensor, weight: Tensor): Tensor {
    const side = this.numClasses;
    const parts = Math.max(1, Math.ceil(cell.dim(0) / exact));
    const size = parts * side * side;
    const added = (index: Tensor) => apply('scatterAdd', { axis: 0, size }, [weight, index])[0]!;
    if (parts === 1) return cast(reshape(added(cell), [side, side]), this.dtype);
    const rows = apply('iota', { dtype: 'int32', shape: [parts, exact], axis: 0 }, [])[0]!;
    const part = at(reshape(rows, [-1]), [0, cell.dim(0)]);
    const sums = added(add(cell, mul(part, side * side)));
    return sum(cast(reshape(sums, [parts, side, side]), this.dtype), 0);
  }

  override result(): Tensor {
    const counts = this.#counts.value;
    const shared = sum(mul(counts, eye(this.numClasses, this.numClasses, { dtype: this.dtype })), 0);
    const union = sub(add(sum(counts, 0), sum(counts, 1)), shared);
    const wanted = (x: Tensor) => cast(gather(x, tensor(Int32Array.from(this.targetClassIds))), 'float32');
    const [intersection, whole_] = [wanted(shared), wanted(union)];
    const there = greater(whole_, 1e-9);
    const each = where(there, div(intersection, add(whole_, epsilon)), 0);
    return div(sum(each), add(sum(cast(there, 'float32')), epsilon));
  }

  override getConfig(): object {
    const { numClasses, targetClassIds, ignoreClass, sparseYTrue, sparseYPred, axis } = this;
    return { ...super.getConfig(), numClasses, targetClassIds, ignoreClass, sparseYTrue, sparseYPred, axis };
  }
}

/** Checks the classes whose mean is taken. */
function targets(ids: unknown, classes: number): readonly number[] {
  const fits = (id: unknown) => Number.isInteger(id) && (id as number) >= 0 && (id as number) < classes;
  if (Array.isArray(ids) && ids.length > 0 && ids.every(fits)) return [...ids];
  throw badArgument(
    'IoU',
    `targetClassIds must be an array of whole numbers below ${classes}; received ${shown(ids)}.`,
  );
}

/** The numbers of all classes. */
const all = (classes: number | undefined): readonly number[] => [
  ...Array(whole('MeanIoU', 'numClasses', classes, 1)).keys(),
];

/** Options of {@link BinaryIoU}. */
export interface BinaryIoUOptions extends MetricOptions {
  /** The classes, of 0 and 1, whose mean is taken; both if left out. */
  targetClassIds?: readonly number[] | undefined;
  /** From it on a prediction is of class 1; 0.5 if left out. */
  threshold?: number | undefined;
}

/**
 * Intersection over union of two classes, no and yes, or of one of them. Labels 0 or 1 and predictions, of one shape.
 *
 * @see https://keras.io/api/metrics/segmentation_metrics/
 */
export class BinaryIoU extends IoU {
  static override readonly className: string = 'BinaryIoU';
  readonly threshold: number;

  constructor(
    targetClassIds?: ListBeside<BinaryIoUOptions> | BinaryIoUOptions,
    threshold?: number | BinaryIoUOptions,
    name?: string | BinaryIoUOptions,
    dtype?: DType | BinaryIoUOptions,
    options?: BinaryIoUOptions,
  ) {
    const names = ['targetClassIds', 'threshold', ...metricOptions] as const;
    const given = [targetClassIds, threshold, name, dtype, options];
    const { threshold: border = 0.5, ...read } = readOptions<BinaryIoUOptions>('BinaryIoU', names, given);
    super({ targetClassIds: [0, 1], ...read, numClasses: 2 });
    this.threshold = finite('BinaryIoU', 'threshold', border);
  }

  override updateState(yTrue: TensorLike, yPred: TensorLike, options: UpdateOptions = {}): void {
    super.updateState(yTrue, greaterEqual(yPred, this.threshold), options);
  }

  override getConfig(): object {
    const { name, dtype, targetClassIds, threshold } = this;
    return { name, dtype, targetClassIds, threshold };
  }
}

/**
 * The mean intersection over union of all classes that come: shared / (labelled + predicted − shared). Labels and
 * predictions are the numbers of the classes, of one shape, or values for each class.
 *
 * @see https://keras.io/api/metrics/segmentation_metrics/
 */
export class MeanIoU extends IoU {
  static override readonly className: string = 'MeanIoU';

  constructor(
    numClasses: number | MeanIoUOptions,
    name?: string | MeanIoUOptions,
    dtype?: DType | MeanIoUOptions,
    ignoreClass?: number | null | MeanIoUOptions,
    sparseYTrue?: boolean | MeanIoUOptions,
    sparseYPred?: boolean | MeanIoUOptions,
    axis?: number | MeanIoUOptions,
    options?: MeanIoUOptions,
  ) {
    const names = ['numClasses', ...metricOptions, ...kinds] as const;
    const given = [numClasses, name, dtype, ignoreClass, sparseYTrue, sparseYPred, axis, options];
    const read = readOptions<MeanIoUOptions>('MeanIoU', names, given);
    super({ ...read, targetClassIds: all(read.numClasses) });
  }

  override getConfig(): object {
    const { targetClassIds: _, ...config } = super.getConfig() as { targetClassIds: unknown };
    return config;
  }
}

/**
 * Intersection over union of some classes, of one-hot labels and a value for each class: the greatest is the prediction.
 * Both [..., classes].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a target that is none of the classes
 * @see https://keras.io/api/metrics/segmentation_metrics/
 */
export class OneHotIoU extends IoU {
  static override readonly className: string = 'OneHotIoU';

  constructor(
    numClasses: number | OneHotIoUOptions,
    targetClassIds?: ListBeside<OneHotIoUOptions> | OneHotIoUOptions,
    name?: string | OneHotIoUOptions,
    dtype?: DType | OneHotIoUOptions,
    ignoreClass?: number | null | OneHotIoUOptions,
    sparseYPred?: boolean | OneHotIoUOptions,
    axis?: number | OneHotIoUOptions,
    options?: OneHotIoUOptions,
  ) {
    const names = ['numClasses', 'targetClassIds', ...metricOptions, ...oneHotKinds] as const;
    const given = [numClasses, targetClassIds, name, dtype, ignoreClass, sparseYPred, axis, options];
    const read = readOptions<OneHotIoUOptions>('OneHotIoU', names, given);
    super({ sparseYPred: false, ...read, sparseYTrue: false });
  }

  override getConfig(): object {
    const { sparseYTrue: _, ...config } = super.getConfig() as { sparseYTrue: unknown };
    return config;
  }
}

/**
 * The mean intersection over union of all classes that come, of one-hot labels and a value for each class: the greatest
 * is the prediction. Both [..., classes].
 *
 * @see https://keras.io/api/metrics/segmentation_metrics/
 */
export class OneHotMeanIoU extends MeanIoU {
  static override readonly className: string = 'OneHotMeanIoU';

  constructor(
    numClasses: number | OneHotMeanIoUOptions,
    name?: string | OneHotMeanIoUOptions,
    dtype?: DType | OneHotMeanIoUOptions,
    ignoreClass?: number | null | OneHotMeanIoUOptions,
    sparseYPred?: boolean | OneHotMeanIoUOptions,
    axis?: number | OneHotMeanIoUOptions,
    options?: OneHotMeanIoUOptions,
  ) {
    const names = ['numClasses', ...metricOptions, ...oneHotKinds] as const;
    const given = [numClasses, name, dtype, ignoreClass, sparseYPred, axis, options];
    const read = readOptions<OneHotMeanIoUOptions>('OneHotMeanIoU', names, given);
    super({ sparseYPred: false, ...read, sparseYTrue: false });
  }

  override getConfig(): object {
    const { sparseYTrue: _, ...config } = super.getConfig() as { sparseYTrue: unknown };
    return config;
  }
}
