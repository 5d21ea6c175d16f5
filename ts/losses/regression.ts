import { finite, whole } from '../errors.ts';
import { apply, type TensorLike, toTensor } from '../ops/apply.ts';
import {
  abs,
  add,
  div,
  lessEqual,
  log,
  maximum,
  mean,
  mul,
  neg,
  softplus,
  square,
  sub,
  sum,
  where,
} from '../ops/index.ts';
import { unit } from '../ops/unit.ts';
import { readOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { aligned, epsilon } from './align.ts';
import { Loss, type LossArguments, type LossOptions, lossOptions, PlainLoss } from './loss.ts';

/**
 * The mean of the squared differences, over the last axis.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function meanSquaredError(yTrue: TensorLike, yPred: TensorLike): Tensor {
  return apply('meanSquaredError', {}, [toTensor(yTrue, 'meanSquaredError'), toTensor(yPred, 'meanSquaredError')])[0]!;
}

/**
 * The mean of the absolute differences, over the last axis.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function meanAbsoluteError(yTrue: TensorLike, yPred: TensorLike): Tensor {
  return apply('meanAbsoluteError', {}, [
    toTensor(yTrue, 'meanAbsoluteError'),
    toTensor(yPred, 'meanAbsoluteError'),
  ])[0]!;
}

/**
 * The mean of the absolute differences in percent of the label, over the last axis. A label nearer to 0 than 1e-7 counts
 * as 1e-7.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function meanAbsolutePercentageError(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned('meanAbsolutePercentageError', yTrue, yPred);
  return mul(mean(abs(div(sub(t, y), maximum(abs(t), epsilon))), -1), 100);
}

/**
 * The mean of (log(label + 1) − log(prediction + 1))², over the last axis; what is less than 1e-7 counts as 1e-7.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function meanSquaredLogarithmicError(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned('meanSquaredLogarithmicError', yTrue, yPred);
  const logarithm = (x: Tensor) => log(add(maximum(x, epsilon), 1));
  return mean(square(sub(logarithm(y), logarithm(t))), -1);
}

/** Options of {@link cosineSimilarity}. */
export interface SimilarityOptions {
  /** The axis of the vectors, the last if left out. */
  axis?: number | undefined;
}

/**
 * Minus the cosine of the angle between labels and predictions along an axis, the last if left out: −1 where they point
 * in one direction, 0 where they are orthogonal or one of them is 0.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function cosineSimilarity(yTrue: TensorLike, yPred: TensorLike, axis?: number | SimilarityOptions): Tensor {
  const where = 'cosineSimilarity';
  const along = whole(where, 'axis', readOptions<SimilarityOptions>(where, ['axis'], [axis]).axis ?? -1);
  const [t, y] = aligned(where, yTrue, yPred);
  return neg(sum(mul(unit(t, along), unit(y, along)), along));
}

/** Options of {@link huber}. */
export interface DeltaOptions {
  /** Up to which difference squares count, 1 if left out. */
  delta?: number | undefined;
}

/**
 * The mean over the last axis of half the squared difference where that is at most `delta` (1 if left out), beyond it of
 * delta · |difference| − delta² / 2.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function huber(yTrue: TensorLike, yPred: TensorLike, delta?: number | DeltaOptions): Tensor {
  const d = finite('huber', 'delta', readOptions<DeltaOptions>('huber', ['delta'], [delta]).delta ?? 1);
  const [t, y] = aligned('huber', yTrue, yPred);
  const error = sub(y, t);
  const size = abs(error);
  // δ·|e| − δ²/2 in Keras's order, so that large differences round alike.
  return mean(where(lessEqual(size, d), mul(square(error), 0.5), sub(mul(size, d), 0.5 * d * d)), -1);
}

/**
 * The mean of log(cosh(difference)) over the last axis: about half its square near 0, |difference| − log 2 far away.
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export function logCosh(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned('logCosh', yTrue, yPred);
  const error = sub(y, t);
  return mean(sub(add(error, softplus(mul(error, -2))), Math.LN2), -1);
}

/**
 * The mean of the squared differences. Labels and predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class MeanSquaredError extends PlainLoss {
  static readonly className: string = 'MeanSquaredError';
  /** What else strings call it. */
  static readonly aliases = ['mse', 'MSE'] as const;

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanSquaredError(yTrue, yPred);
  }
}

/**
 * The mean of the absolute differences. Labels and predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class MeanAbsoluteError extends PlainLoss {
  static readonly className: string = 'MeanAbsoluteError';
  /** What else strings call it. */
  static readonly aliases = ['mae', 'MAE'] as const;

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanAbsoluteError(yTrue, yPred);
  }
}

/**
 * The mean of the absolute differences in percent of the labels. Labels and predictions [batch, ..., n], one value for
 * each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class MeanAbsolutePercentageError extends PlainLoss {
  static readonly className: string = 'MeanAbsolutePercentageError';
  /** What else strings call it. */
  static readonly aliases = ['mape', 'MAPE'] as const;

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanAbsolutePercentageError(yTrue, yPred);
  }
}

/**
 * The mean of the squared differences of the logarithms of 1 + x. Labels and predictions [batch, ..., n], at least 0, one
 * value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class MeanSquaredLogarithmicError extends PlainLoss {
  static readonly className: string = 'MeanSquaredLogarithmicError';
  /** What else strings call it. */
  static readonly aliases = ['msle', 'MSLE'] as const;

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanSquaredLogarithmicError(yTrue, yPred);
  }
}

/** Options of {@link CosineSimilarity}. */
export interface CosineSimilarityOptions extends SimilarityOptions, LossOptions {}

/**
 * Minus the cosine of the angle between labels and predictions, −1 to 1. Both [batch, ..., n], one value for each
 * [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class CosineSimilarity extends Loss {
  static readonly className: string = 'CosineSimilarity';
  readonly axis: number;

  constructor(axis?: number | CosineSimilarityOptions, ...rest: LossArguments<CosineSimilarityOptions>) {
    const where = 'CosineSimilarity';
    const read = readOptions<CosineSimilarityOptions>(where, ['axis', ...lossOptions], [axis, ...rest]);
    super(read);
    this.axis = whole(where, 'axis', read.axis ?? -1);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return cosineSimilarity(yTrue, yPred, this.axis);
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Options of {@link Huber}. */
export interface HuberOptions extends DeltaOptions, LossOptions {}

/**
 * Squares of small differences, of large ones (over `delta`, 1 if left out) their size: outliers count less. Labels and
 * predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class Huber extends Loss {
  static readonly className: string = 'Huber';
  readonly delta: number;

  constructor(delta?: number | HuberOptions, ...rest: LossArguments<HuberOptions>) {
    const read = readOptions<HuberOptions>('Huber', ['delta', ...lossOptions], [delta, ...rest]);
    super(read, 'huber_loss');
    this.delta = finite('Huber', 'delta', read.delta ?? 1);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return huber(yTrue, yPred, this.delta);
  }

  override getConfig(): object {
    return { ...super.getConfig(), delta: this.delta };
  }
}

/**
 * The mean of log(cosh(difference)). Labels and predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class LogCosh extends PlainLoss {
  static readonly className: string = 'LogCosh';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return logCosh(yTrue, yPred);
  }
}
