import { finite, flag } from '../../errors.ts';
import { add, cast, div, floor, mul, pow } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { LearningRateSchedule, nameOf, type ScheduleOptions, stepCount } from './schedule.ts';

/** Options of {@link ExponentialDecay} and {@link InverseTimeDecay}; the first three are needed. */
export interface DecayOptions extends ScheduleOptions {
  /** The learning rate of the first step. */
  initialLearningRate?: number | undefined;
  /** How many steps one decay takes. */
  decaySteps?: number | undefined;
  /** How much of it there is. */
  decayRate?: number | undefined;
  /** Decays at once after so many steps, not little by little; `false` if left out. */
  staircase?: boolean | undefined;
}

const names = ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase', 'name'] as const;

/** What constructors take: Keras's parameters, then options. */
type DecayArguments = [
  initialLearningRate: number | DecayOptions,
  decaySteps?: number | DecayOptions,
  decayRate?: number | DecayOptions,
  staircase?: boolean | DecayOptions,
  options?: DecayOptions,
];

/** What both decays share. */
abstract class Decay extends LearningRateSchedule {
  /** The learning rate of the first step. */
  readonly initialLearningRate: number;
  /** How many steps one decay takes. */
  readonly decaySteps: number;
  /** How much of it there is. */
  readonly decayRate: number;
  /** Whether it decays at once after so many steps. */
  readonly staircase: boolean;
  /** What it is called in configs. */
  override readonly name: string;

  constructor(where: string, args: DecayArguments) {
    super();
    const read = readOptions<DecayOptions>(where, names, args);
    this.initialLearningRate = finite(where, 'initialLearningRate', read.initialLearningRate);
    this.decaySteps = stepCount(where, 'decaySteps', read.decaySteps);
    this.decayRate = finite(where, 'decayRate', read.decayRate);
    this.staircase = flag(where, 'staircase', read.staircase ?? false);
    this.name = nameOf(where, read.name, where);
  }

  /** How many decays there were. */
  protected decays(step: Tensor): Tensor {
    const done = div(cast(step, 'float32'), this.decaySteps);
    return this.staircase ? floor(done) : done;
  }

  override getConfig(): object {
    const { initialLearningRate, decaySteps, decayRate, staircase, name } = this;
    return { initialLearningRate, decaySteps, decayRate, staircase, name };
  }
}

/**
 * The rate falls by a factor: `initialLearningRate · decayRate ^ (step / decaySteps)`, with `staircase` only after each
 * `decaySteps`.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless `decaySteps` is greater than 0
 * @see https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/
 */
export class ExponentialDecay extends Decay {
  static readonly className: string = 'ExponentialDecay';

  constructor(...args: DecayArguments) {
    super('ExponentialDecay', args);
  }

  override call(step: Tensor): Tensor {
    return mul(pow(this.decayRate, this.decays(step)), this.initialLearningRate);
  }
}

/**
 * The rate falls as a hyperbola: `initialLearningRate / (1 + decayRate · step / decaySteps)`, with `staircase` only after
 * each `decaySteps`.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless `decaySteps` is greater than 0
 * @see https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
 */
export class InverseTimeDecay extends Decay {
  static readonly className: string = 'InverseTimeDecay';

  constructor(...args: DecayArguments) {
    super('InverseTimeDecay', args);
  }

  override call(step: Tensor): Tensor {
    return div(this.initialLearningRate, add(mul(this.decays(step), this.decayRate), 1));
  }
}
