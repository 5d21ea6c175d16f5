import { binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy } from '../losses/crossentropy.ts';
import {
  type SmoothedArguments,
  type SmoothedOptions,
  type SparseOptions,
  smoothedOf,
  smoothedOptions,
  sparseOf,
} from '../losses/crossentropy-options.ts';
import { readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { DType } from '../tensor.ts';
import { type MetricOptions, metricOptions } from './metric.ts';
import { MeanMetricWrapper } from './reduction.ts';

/** Options of {@link BinaryCrossentropy} and {@link CategoricalCrossentropy}. */
export interface SmoothedMetricOptions extends MetricOptions, SmoothedOptions {}

/** What their constructors take: Keras's parameters, then options. */
type SmoothedMetricArguments = [
  name?: string | SmoothedMetricOptions,
  dtype?: DType | SmoothedMetricOptions,
  ...smoothed: SmoothedArguments<SmoothedMetricOptions>,
  options?: SmoothedMetricOptions,
];

/** What both share. */
abstract class SmoothedMetric extends MeanMetricWrapper {
  /** What the loss was given, with the defaults filled in. */
  readonly options: ReturnType<typeof smoothedOf>;

  constructor(loss: typeof binaryCrossentropy, args: SmoothedMetricArguments) {
    const className = classNameOf(new.target);
    const names = [...metricOptions, ...smoothedOptions] as const;
    const { name, dtype, ...given } = readOptions<SmoothedMetricOptions>(className, names, args);
    const options = smoothedOf(className, given);
    super({ fn: (yTrue, yPred) => loss(yTrue, yPred, options), name, dtype });
    this.options = options;
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/**
 * The mean cross-entropy of yes-or-no labels so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class BinaryCrossentropy extends SmoothedMetric {
  static override readonly className: string = 'BinaryCrossentropy';
  /** What else strings call it. */
  static readonly aliases = ['bce', 'BCE'] as const;

  constructor(...args: SmoothedMetricArguments) {
    super(binaryCrossentropy, args);
  }
}

/**
 * The mean cross-entropy of one-hot labels so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class CategoricalCrossentropy extends SmoothedMetric {
  static override readonly className: string = 'CategoricalCrossentropy';

  constructor(...args: SmoothedMetricArguments) {
    super(categoricalCrossentropy, args);
  }
}

/** Options of {@link SparseCategoricalCrossentropy}. */
export interface SparseMetricOptions extends MetricOptions, SparseOptions {}

/**
 * The mean cross-entropy of labels that are the numbers of the classes so far. Samples of `ignoreClass` count as 0.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class SparseCategoricalCrossentropy extends MeanMetricWrapper {
  static override readonly className: string = 'SparseCategoricalCrossentropy';
  /** What the loss was given, with the defaults filled in. */
  readonly options: ReturnType<typeof sparseOf>;

  constructor(
    name?: string | SparseMetricOptions,
    dtype?: DType | SparseMetricOptions,
    fromLogits?: boolean | SparseMetricOptions,
    ignoreClass?: number | null | SparseMetricOptions,
    axis?: number | SparseMetricOptions,
    options?: SparseMetricOptions,
  ) {
    const where = 'SparseCategoricalCrossentropy';
    const given = [name, dtype, fromLogits, ignoreClass, axis, options];
    const names = [...metricOptions, 'fromLogits', 'ignoreClass', 'axis'] as const;
    const { name: own, dtype: kept, ...loss } = readOptions<SparseMetricOptions>(where, names, given);
    const read = sparseOf(where, loss);
    super({ fn: (yTrue, yPred) => sparseCategoricalCrossentropy(yTrue, yPred, read), name: own, dtype: kept });
    this.options = read;
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}
