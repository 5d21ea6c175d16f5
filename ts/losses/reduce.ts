import { cast, div, equal, expandDims, logicalAnd, mul, squeeze, sum, where } from '../ops/index.ts';
import type { Tensor } from '../tensor.ts';

/** How the values of the samples become one number. */
export type Reduction = 'sumOverBatchSize' | 'sum' | 'mean' | 'meanWithSampleWeight' | 'none';

/** The vocabulary of {@link Reduction}. */
export const reductions: readonly Reduction[] = ['sumOverBatchSize', 'sum', 'mean', 'meanWithSampleWeight', 'none'];

/** x / y, and 0 where y is 0. */
export function divideNoNan(x: Tensor, y: Tensor): Tensor {
  const zero = equal(y, 0);
  return where(zero, 0, div(x, where(zero, 1, y)));
}

/** Keras's rule where one of two tensors has one axis more, of side 1: it goes, or the other one gets it too. */
export function sameRank(x: Tensor, y: Tensor): [Tensor, Tensor] {
  if (x.rank === y.rank + 1 && x.shape.at(-1) === 1) return y.rank === 1 ? [x, expandDims(y, -1)] : [squeeze(x, -1), y];
  if (y.rank === x.rank + 1 && y.shape.at(-1) === 1) return x.rank === 1 ? [expandDims(x, -1), y] : [x, squeeze(y, -1)];
  return [x, y];
}

/** A weight per leading axis lines up with values that have more axes. */
function lineUp(weight: Tensor, values: Tensor): Tensor {
  let w = weight;
  while (w.rank < values.rank) w = expandDims(w, -1);
  return w;
}

/** What two masks leave; `null` hides nothing. */
export function bothMasks(a: Tensor | null, b: Tensor | null): Tensor | null {
  return a === null || b === null ? (a ?? b) : logicalAnd(a, b);
}

/** The weights that a mask makes of those given: what it hides counts nothing, in means neither. */
export function masked(weight: Tensor | null, mask: Tensor, reduction: Reduction | null): Tensor {
  const kept = cast(mask, 'float32');
  const means = reduction === 'mean' || reduction === 'sumOverBatchSize';
  const share = means ? mul(kept, divideNoNan(cast(mask.size, 'float32'), sum(kept))) : kept;
  if (weight === null) return share;
  const [m, w] = sameRank(share, weight);
  return mul(lineUp(m, w), lineUp(w, m));
}

/**
 * Losses of samples, weighted and reduced to a scalar (with `none`, one for each sample).
 *
 * @param mask where it is false values do not count
 */
export function reduceWeighted(
  losses: Tensor,
  weight: Tensor | null,
  mask: Tensor | null,
  reduction: Reduction | null,
): Tensor {
  let values = losses;
  let w = mask === null ? weight : masked(weight, mask, reduction);
  if (w !== null) {
    [values, w] = sameRank(values, cast(w, 'float32'));
    values = mul(values, lineUp(w, values));
  }
  if (reduction === null || reduction === 'none' || values.rank === 0) return values;
  const total = sum(values);
  if (reduction === 'sum') return total;
  if (reduction === 'meanWithSampleWeight' && w !== null) return divideNoNan(total, sum(w));
  return values.size === 0 ? total : div(total, values.size);
}
