import {
  binaryCrossentropy,
  categoricalCrossentropy,
  meanAbsoluteError,
  meanSquaredError,
  type SmoothedOptions,
  type SparseOptions,
  sparseCategoricalCrossentropy,
} from '../losses/functions.ts';
import { readOptions } from '../options.ts';
import type { MetricOptions } from './metric.ts';
import { MeanMetricWrapper } from './reduction.ts';

/**
 * The mean of the squared differences so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class MeanSquaredError extends MeanMetricWrapper {
  static override readonly className: string = 'MeanSquaredError';

  constructor(name?: string | MetricOptions) {
    super(meanSquaredError, readOptions<MetricOptions>('MeanSquaredError', ['name'], [name]));
  }
}

/**
 * The mean of the absolute differences so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class MeanAbsoluteError extends MeanMetricWrapper {
  static override readonly className: string = 'MeanAbsoluteError';

  constructor(name?: string | MetricOptions) {
    super(meanAbsoluteError, readOptions<MetricOptions>('MeanAbsoluteError', ['name'], [name]));
  }
}

/** Options of {@link BinaryCrossentropy} and {@link CategoricalCrossentropy}. */
export interface SmoothedMetricOptions extends MetricOptions, SmoothedOptions {}

const smoothed = ['name', 'fromLogits', 'labelSmoothing', 'axis'] as const;

/**
 * The mean cross-entropy of yes-or-no labels so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class BinaryCrossentropy extends MeanMetricWrapper {
  static override readonly className: string = 'BinaryCrossentropy';
  /** What the loss was given. */
  readonly options: SmoothedOptions;

  constructor(name?: string | SmoothedMetricOptions, options?: SmoothedMetricOptions) {
    const read = readOptions<SmoothedMetricOptions>('BinaryCrossentropy', smoothed, [name, options]);
    const { name: own, ...loss } = read;
    super((yTrue, yPred) => binaryCrossentropy(yTrue, yPred, loss), { name: own });
    this.options = loss;
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/**
 * The mean cross-entropy of one-hot labels so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class CategoricalCrossentropy extends MeanMetricWrapper {
  static override readonly className: string = 'CategoricalCrossentropy';
  /** What the loss was given. */
  readonly options: SmoothedOptions;

  constructor(name?: string | SmoothedMetricOptions, options?: SmoothedMetricOptions) {
    const read = readOptions<SmoothedMetricOptions>('CategoricalCrossentropy', smoothed, [name, options]);
    const { name: own, ...loss } = read;
    super((yTrue, yPred) => categoricalCrossentropy(yTrue, yPred, loss), { name: own });
    this.options = loss;
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/** Options of {@link SparseCategoricalCrossentropy}. */
export interface SparseMetricOptions extends MetricOptions, SparseOptions {}

/**
 * The mean cross-entropy of labels that are the numbers of the classes so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class SparseCategoricalCrossentropy extends MeanMetricWrapper {
  static override readonly className: string = 'SparseCategoricalCrossentropy';
  /** What the loss was given. */
  readonly options: SparseOptions;

  constructor(name?: string | SparseMetricOptions, options?: SparseMetricOptions) {
    const names = ['name', 'fromLogits', 'ignoreClass', 'axis'] as const;
    const read = readOptions<SparseMetricOptions>('SparseCategoricalCrossentropy', names, [name, options]);
    const { name: own, ...loss } = read;
    super((yTrue, yPred) => sparseCategoricalCrossentropy(yTrue, yPred, loss), { name: own });
    this.options = loss;
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}
