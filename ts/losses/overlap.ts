import { finite, whole } from '../errors.ts';
import type { TensorLike } from '../ops/apply.ts';
import { add, div, mul, sub, sum } from '../ops/index.ts';
import { type ListBeside, readOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { epsilon, pair } from './align.ts';
import { Loss, type LossOptions, lossOptions } from './loss.ts';
import { type Reduction, sameRank } from './reduce.ts';

/** Options of {@link dice}. */
export interface DiceAxisOptions {
  /** Over which axes sums go; all if left out, which gives one value for the whole batch. */
  axis?: number | readonly number[] | null | undefined;
}

/** Options of {@link tversky}. */
export interface TverskyWeights extends DiceAxisOptions {
  /** How much counts what labels have and predictions lack, 0.5 if left out. */
  alpha?: number | undefined;
  /** How much counts what predictions have and labels lack, 0.5 if left out. */
  beta?: number | undefined;
}

/** Checks axes; `null` is all. */
function axesOf(where: string, axis: DiceAxisOptions['axis']): number | readonly number[] | null {
  if (axis === undefined || axis === null) return null;
  return Array.isArray(axis) ? axis.map((a) => whole(where, 'axis', a)) : whole(where, 'axis', axis);
}

/** Checks options and fills in the defaults. */
function weightsOf(where: string, { alpha = 0.5, beta = 0.5, axis }: TverskyWeights) {
  return { alpha: finite(where, 'alpha', alpha), beta: finite(where, 'beta', beta), axis: axesOf(where, axis) };
}

/**
 * 1 − 2 · Σ label · prediction / (Σ label + Σ prediction), over some axes or all.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function dice(
  yTrue: TensorLike,
  yPred: TensorLike,
  axis?: number | ListBeside<DiceAxisOptions> | null | DiceAxisOptions,
): Tensor {
  const along = axesOf('dice', readOptions<DiceAxisOptions>('dice', ['axis'], [axis]).axis);
  const [t, y] = pair('dice', yTrue, yPred);
  const shared = mul(sum(mul(t, y), along), 2);
  return sub(1, div(shared, add(add(sum(t, along), sum(y, along)), epsilon)));
}

/**
 * 1 − shared / (shared + alpha · missed + beta · invented), over some axes or all: Dice's loss with weights for the two
 * kinds of error, both 0.5 if left out.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function tversky(
  yTrue: TensorLike,
  yPred: TensorLike,
  alpha?: number | TverskyWeights,
  beta?: number | TverskyWeights,
  axis?: number | ListBeside<TverskyWeights> | null | TverskyWeights,
): Tensor {
  const where = 'tversky';
  const read = weightsOf(where, readOptions<TverskyWeights>(where, ['alpha', 'beta', 'axis'], [alpha, beta, axis]));
  const [t, y] = pair(where, yTrue, yPred);
  const shared = sum(mul(t, y), read.axis);
  const missed = mul(sum(mul(sub(1, y), t), read.axis), read.alpha);
  const invented = mul(sum(mul(y, sub(1, t)), read.axis), read.beta);
  return sub(1, div(shared, add(add(add(shared, missed), invented), epsilon)));
}

/** Options of {@link Dice}. */
export interface DiceOptions extends DiceAxisOptions, LossOptions {}

/**
 * How little two masks overlap: 0 where they are equal, 1 where they share nothing. Labels and predictions, 0 to 1, of
 * one shape; a scalar, or one value for each index that `axis` leaves.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class Dice extends Loss {
  static readonly className: string = 'Dice';
  readonly axis: number | readonly number[] | null;

  constructor(
    reduction?: Reduction | null | DiceOptions,
    name?: string | DiceOptions,
    axis?: number | ListBeside<DiceOptions> | null | DiceOptions,
    options?: DiceOptions,
  ) {
    const read = readOptions<DiceOptions>('Dice', [...lossOptions, 'axis'], [reduction, name, axis, options]);
    super(read);
    this.axis = axesOf('Dice', read.axis);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return dice(...sameRank(yTrue, yPred), { axis: this.axis });
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Options of {@link Tversky}. */
export interface TverskyOptions extends TverskyWeights, LossOptions {}

/**
 * How little two masks overlap, with a weight for what is missed (`alpha`) and one for what is invented (`beta`). Labels
 * and predictions, 0 to 1, of one shape; a scalar, or one value for each index that `axis` leaves.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class Tversky extends Loss {
  static readonly className: string = 'Tversky';
  readonly alpha: number;
  readonly beta: number;
  readonly axis: number | readonly number[] | null;

  constructor(
    alpha?: number | TverskyOptions,
    beta?: number | TverskyOptions,
    reduction?: Reduction | null | TverskyOptions,
    name?: string | TverskyOptions,
    axis?: number | ListBeside<TverskyOptions> | null | TverskyOptions,
    options?: TverskyOptions,
  ) {
    const names = ['alpha', 'beta', ...lossOptions, 'axis'] as const;
    const read = readOptions<TverskyOptions>('Tversky', names, [alpha, beta, reduction, name, axis, options]);
    super(read);
    const kept = weightsOf('Tversky', read);
    this.alpha = kept.alpha;
    this.beta = kept.beta;
    this.axis = kept.axis;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const { alpha, beta, axis } = this;
    return tversky(...sameRank(yTrue, yPred), { alpha, beta, axis });
  }

  override getConfig(): object {
    const { alpha, beta, axis } = this;
    return { ...super.getConfig(), alpha, beta, axis };
  }
}
