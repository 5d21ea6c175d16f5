import { whole } from '../errors.ts';
import { klDivergence, poisson } from '../losses/divergence.ts';
import { categoricalHinge, hinge, squaredHinge } from '../losses/hinge.ts';
import {
  cosineSimilarity,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  type SimilarityOptions,
} from '../losses/regression.ts';
import { neg } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import type { DType, Tensor } from '../tensor.ts';
import { type MetricOptions, metricOptions } from './metric.ts';
import { PlainMetric } from './plain-metric.ts';
import { MeanMetricWrapper } from './reduction.ts';

/**
 * The mean of the squared differences so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class MeanSquaredError extends PlainMetric {
  static override readonly className: string = 'MeanSquaredError';
  /** What else strings call it. */
  static readonly aliases = ['mse', 'MSE'] as const;

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanSquaredError(yTrue, yPred);
  }
}

/**
 * The mean of the absolute differences so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class MeanAbsoluteError extends PlainMetric {
  static override readonly className: string = 'MeanAbsoluteError';
  /** What else strings call it. */
  static readonly aliases = ['mae', 'MAE'] as const;

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanAbsoluteError(yTrue, yPred);
  }
}

/**
 * The mean of the absolute differences so far, in percent of the labels.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class MeanAbsolutePercentageError extends PlainMetric {
  static override readonly className: string = 'MeanAbsolutePercentageError';
  /** What else strings call it. */
  static readonly aliases = ['mape', 'MAPE'] as const;

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanAbsolutePercentageError(yTrue, yPred);
  }
}

/**
 * The mean of the squared differences of log(1 + x) so far.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class MeanSquaredLogarithmicError extends PlainMetric {
  static override readonly className: string = 'MeanSquaredLogarithmicError';
  /** What else strings call it. */
  static readonly aliases = ['msle', 'MSLE'] as const;

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanSquaredLogarithmicError(yTrue, yPred);
  }
}

/**
 * The mean of max(1 − label · prediction, 0) so far; labels are −1 and 1, or 0 and 1.
 *
 * @see https://keras.io/api/metrics/hinge_metrics/
 */
export class Hinge extends PlainMetric {
  static override readonly className: string = 'Hinge';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return hinge(yTrue, yPred);
  }
}

/**
 * The mean of max(1 − label · prediction, 0)² so far; labels are −1 and 1, or 0 and 1.
 *
 * @see https://keras.io/api/metrics/hinge_metrics/
 */
export class SquaredHinge extends PlainMetric {
  static override readonly className: string = 'SquaredHinge';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return squaredHinge(yTrue, yPred);
  }
}

/**
 * The mean so far of how far the class of a one-hot label is behind the best of the others.
 *
 * @see https://keras.io/api/metrics/hinge_metrics/
 */
export class CategoricalHinge extends PlainMetric {
  static override readonly className: string = 'CategoricalHinge';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalHinge(yTrue, yPred);
  }
}

/**
 * The mean Kullback–Leibler divergence of predicted distributions from the labels' so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class KLDivergence extends PlainMetric {
  static override readonly className: string = 'KLDivergence';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return klDivergence(yTrue, yPred);
  }
}

/**
 * The mean of prediction − label · log(prediction) so far.
 *
 * @see https://keras.io/api/metrics/probabilistic_metrics/
 */
export class Poisson extends PlainMetric {
  static override readonly className: string = 'Poisson';

  override values(yTrue: Tensor, yPred: Tensor): Tensor {
    return poisson(yTrue, yPred);
  }
}

/**
 * The mean of log(cosh(difference)) so far; its name is `logcosh` if none is given.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class LogCoshError extends MeanMetricWrapper {
  static override readonly className: string = 'LogCoshError';

  constructor(name?: string | MetricOptions, dtype?: DType | MetricOptions, options?: MetricOptions) {
    const read = readOptions<MetricOptions>('LogCoshError', metricOptions, [name, dtype, options]);
    super({ name: 'logcosh', ...read, fn: logCosh });
  }
}

/** Options of {@link CosineSimilarity}. */
export interface CosineSimilarityOptions extends MetricOptions, SimilarityOptions {}

/**
 * The mean cosine of the angle between labels and predictions so far: 1 where they point in one direction.
 *
 * @see https://keras.io/api/metrics/regression_metrics/
 */
export class CosineSimilarity extends MeanMetricWrapper {
  static override readonly className: string = 'CosineSimilarity';
  readonly axis: number;

  constructor(
    name?: string | CosineSimilarityOptions,
    dtype?: DType | CosineSimilarityOptions,
    axis?: number | CosineSimilarityOptions,
    options?: CosineSimilarityOptions,
  ) {
    const where = 'CosineSimilarity';
    const given = [name, dtype, axis, options];
    const { axis: chosen = -1, ...read } = readOptions<CosineSimilarityOptions>(
      where,
      [...metricOptions, 'axis'],
      given,
    );
    const along = whole(where, 'axis', chosen);
    super({ ...read, fn: (yTrue, yPred) => neg(cosineSimilarity(yTrue, yPred, along)) });
    this.axis = along;
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}
