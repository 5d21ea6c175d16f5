import { finite, whole } from '../../errors.ts';
import { add, cast, cos, div, floor, less, log, minimum, mul, pow, sub, where } from '../../ops/index.ts';
import { optional, readOptions } from '../../options.ts';
import { scalar } from '../../tensor/from.ts';
import type { Tensor } from '../../tensor.ts';
import { LearningRateSchedule, nameOf, type ScheduleOptions, stepCount } from './schedule.ts';

/** Options of {@link CosineDecay}; the first two are needed. */
export interface CosineDecayOptions extends ScheduleOptions {
  /** The learning rate of the first step. */
  initialLearningRate?: number | undefined;
  /** How many steps the way down takes, the warm-up apart. */
  decaySteps?: number | undefined;
  /** What is left at the end, as a part of the learning rate from which it goes down; 0 if left out. */
  alpha?: number | undefined;
  /** To what the rate rises before it goes down; it does not rise if left out. */
  warmupTarget?: number | null | undefined;
  /** How many steps the rise takes, 0 if left out. */
  warmupSteps?: number | undefined;
}

const half = (done: Tensor): Tensor => mul(add(cos(mul(done, Math.PI)), 1), 0.5);

/**
 * The rate goes down along half a wave of the cosine, if wanted after a straight rise (warm-up).
 *
 * @throws FoveaError `BAD_ARGUMENT` unless `decaySteps` is greater than 0
 * @see https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/
 */
export class CosineDecay extends LearningRateSchedule {
  static readonly className: string = 'CosineDecay';
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly alpha: number;
  readonly warmupTarget: number | null;
  readonly warmupSteps: number;
  override readonly name: string;

  constructor(
    initialLearningRate: number | CosineDecayOptions,
    decaySteps?: number | CosineDecayOptions,
    alpha?: number | CosineDecayOptions,
    options?: CosineDecayOptions,
  ) {
    super();
    const where = 'CosineDecay';
    const read = readOptions<CosineDecayOptions>(
      where,
      ['initialLearningRate', 'decaySteps', 'alpha', 'name', 'warmupTarget', 'warmupSteps'],
      [initialLearningRate, decaySteps, alpha, options],
    );
    this.initialLearningRate = finite(where, 'initialLearningRate', read.initialLearningRate);
    this.decaySteps = stepCount(where, 'decaySteps', read.decaySteps);
    this.alpha = finite(where, 'alpha', read.alpha ?? 0);
    this.warmupTarget = optional(finite, where, 'warmupTarget', read.warmupTarget);
    this.warmupSteps = whole(where, 'warmupSteps', read.warmupSteps ?? 0, 0);
    this.name = nameOf(where, read.name, where);
  }

  override call(step: Tensor): Tensor {
    const { initialLearningRate: initial, decaySteps, warmupTarget: target, warmupSteps } = this;
    const done = cast(step, 'float32');
    if (target === null) return this.#decayed(minimum(done, decaySteps), initial);
    const part = minimum(done, decaySteps + warmupSteps);
    const down = this.#decayed(sub(part, warmupSteps), target);
    if (warmupSteps === 0) return down;
    const up = add(mul(div(part, warmupSteps), sub(target, initial)), initial);
    return where(less(part, warmupSteps), up, down);
  }

  #decayed(done: Tensor, from: number): Tensor {
    return mul(add(mul(half(div(done, this.decaySteps)), 1 - this.alpha), this.alpha), from);
  }

  override getConfig(): object {
    const { initialLearningRate, decaySteps, alpha, name, warmupTarget, warmupSteps } = this;
    return { initialLearningRate, decaySteps, alpha, name, warmupTarget, warmupSteps };
  }
}

/** Options of {@link CosineDecayRestarts}; the first two are needed. */
export interface CosineDecayRestartsOptions extends ScheduleOptions {
  /** The learning rate of the first step. */
  initialLearningRate?: number | undefined;
  /** How many steps the first way down takes. */
  firstDecaySteps?: number | undefined;
  /** How much longer each way is than the one before, 2 if left out. */
  tMul?: number | undefined;
  /** How high each way begins, as a part of the one before; 1 if left out. */
  mMul?: number | undefined;
  /** What is left at the end of each way, as a part of `initialLearningRate`; 0 if left out. */
  alpha?: number | undefined;
}

/**
 * The rate goes down along half a wave of the cosine, again and again.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless `firstDecaySteps` is greater than 0
 * @see https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/
 */
export class CosineDecayRestarts extends LearningRateSchedule {
  static readonly className: string = 'CosineDecayRestarts';
  readonly initialLearningRate: number;
  readonly firstDecaySteps: number;
  readonly tMul: number;
  readonly mMul: number;
  readonly alpha: number;
  override readonly name: string;

  constructor(
    initialLearningRate: number | CosineDecayRestartsOptions,
    firstDecaySteps?: number | CosineDecayRestartsOptions,
    tMul?: number | CosineDecayRestartsOptions,
    mMul?: number | CosineDecayRestartsOptions,
    alpha?: number | CosineDecayRestartsOptions,
    options?: CosineDecayRestartsOptions,
  ) {
    super();
    const where = 'CosineDecayRestarts';
    const read = readOptions<CosineDecayRestartsOptions>(
      where,
      ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha', 'name'],
      [initialLearningRate, firstDecaySteps, tMul, mMul, alpha, options],
    );
    this.initialLearningRate = finite(where, 'initialLearningRate', read.initialLearningRate);
    this.firstDecaySteps = stepCount(where, 'firstDecaySteps', read.firstDecaySteps);
    this.tMul = finite(where, 'tMul', read.tMul ?? 2);
    this.mMul = finite(where, 'mMul', read.mMul ?? 1);
    this.alpha = finite(where, 'alpha', read.alpha ?? 0);
    this.name = nameOf(where, read.name, 'SGDRDecay');
  }

  override call(step: Tensor): Tensor {
    const [restarts, part] = this.#place(div(cast(step, 'float32'), this.firstDecaySteps));
    const height = mul(pow(this.mMul, restarts), half(part));
    return mul(add(mul(height, 1 - this.alpha), this.alpha), this.initialLearningRate);
  }

  /** How many ways are behind, and the part of this one that is done. */
  #place(done: Tensor): [restarts: Tensor, part: Tensor] {
    const { tMul } = this;
    if (tMul === 1) return [floor(done), sub(done, floor(done))];
    const grown = sub(1, mul(done, 1 - tMul));
    // Both logarithms in float32: at a restart their quotient decides, and must do so as Keras's.
    const restarts = floor(div(log(grown), log(scalar(tMul, 'float32'))));
    const behind = div(sub(1, pow(tMul, restarts)), 1 - tMul);
    return [restarts, div(sub(done, behind), pow(tMul, restarts))];
  }

  override getConfig(): object {
    const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha, name } = this;
    return { initialLearningRate, firstDecaySteps, tMul, mMul, alpha, name };
  }
}
