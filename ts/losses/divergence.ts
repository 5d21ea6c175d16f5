import type { TensorLike } from '../ops/apply.ts';
import { add, clip, div, log, mean, mul, sub, sum } from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';
import { aligned, epsilon } from './align.ts';
import { PlainLoss } from './loss.ts';

/**
 * Σ label · log(label / prediction) over the last axis; both are brought to 1e-7 … 1.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function klDivergence(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned('klDivergence', yTrue, yPred).map((x) => clip(x, epsilon, 1)) as [Tensor, Tensor];
  return sum(mul(t, log(div(t, y))), -1);
}

/**
 * The mean of prediction − label · log(prediction) over the last axis.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function poisson(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const [t, y] = aligned('poisson', yTrue, yPred);
  return mean(sub(y, mul(t, log(add(y, epsilon)))), -1);
}

/**
 * The Kullback–Leibler divergence of the predicted distribution from the labels', Σ y · log(y / p). Both
 * [batch, ..., classes], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class KLDivergence extends PlainLoss {
  static readonly className: string = 'KLDivergence';
  /** What else strings call it. */
  static readonly aliases = ['kld', 'KLD'] as const;

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return klDivergence(yTrue, yPred);
  }
}

/**
 * The Poisson loss, prediction − label · log(prediction). Both [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class Poisson extends PlainLoss {
  static readonly className: string = 'Poisson';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return poisson(yTrue, yPred);
  }
}
