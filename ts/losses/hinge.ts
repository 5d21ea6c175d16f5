import type { TensorLike } from '../ops/apply.ts';
import { add, all, equal, logicalOr, max, maximum, mean, mul, square, sub, sum, where } from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';
import { aligned } from './align.ts';
import { PlainLoss } from './loss.ts';

/** max(1 − label · prediction, 0); labels that are all 0 or 1 become −1 and 1. */
function margins(where_: string, yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned(where_, yTrue, yPred);
  const binary = all(logicalOr(equal(t, 0), equal(t, 1)));
  const labels = where(binary, sub(mul(t, 2), 1), t);
  return maximum(sub(1, mul(labels, y)), 0);
}

/**
 * The mean of max(1 − label · prediction, 0) over the last axis. Labels are −1 and 1; if all are 0 or 1, 0 counts as −1.
 *
 * @see https://keras.io/api/losses/hinge_losses/
 */
export function hinge(yTrue: TensorLike, yPred: TensorLike): Tensor {
  return mean(margins('hinge', yTrue, yPred), -1);
}

/**
 * The mean of max(1 − label · prediction, 0)² over the last axis. Labels are −1 and 1; if all are 0 or 1, 0 counts as −1.
 *
 * @see https://keras.io/api/losses/hinge_losses/
 */
export function squaredHinge(yTrue: TensorLike, yPred: TensorLike): Tensor {
  return mean(square(margins('squaredHinge', yTrue, yPred)), -1);
}

/**
 * max(other − own + 1, 0) of one-hot labels: `own` is the prediction of the label's class, `other` the greatest of the
 * rest (at least 0); the classes are the last axis.
 *
 * @see https://keras.io/api/losses/hinge_losses/
 */
export function categoricalHinge(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned('categoricalHinge', yTrue, yPred);
  const own = sum(mul(t, y), -1);
  const other = max(mul(sub(1, t), y), -1);
  return maximum(add(sub(other, own), 1), 0);
}

/**
 * The mean of max(1 − label · prediction, 0). Labels, −1 or 1 (or 0 or 1), and predictions [batch, ..., n], one value for
 * each [batch, ...].
 *
 * @see https://keras.io/api/losses/hinge_losses/
 */
export class Hinge extends PlainLoss {
  static readonly className: string = 'Hinge';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return hinge(yTrue, yPred);
  }
}

/**
 * The mean of max(1 − label · prediction, 0)². Labels, −1 or 1 (or 0 or 1), and predictions [batch, ..., n], one value for
 * each [batch, ...].
 *
 * @see https://keras.io/api/losses/hinge_losses/
 */
export class SquaredHinge extends PlainLoss {
  static readonly className: string = 'SquaredHinge';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return squaredHinge(yTrue, yPred);
  }
}

/**
 * max(other − own + 1, 0): how far the label's class is behind the best of the others. One-hot labels and predictions
 * [batch, ..., classes], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/hinge_losses/
 */
export class CategoricalHinge extends PlainLoss {
  static readonly className: string = 'CategoricalHinge';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalHinge(yTrue, yPred);
  }
}
