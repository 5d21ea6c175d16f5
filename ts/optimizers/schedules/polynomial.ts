import { finite, flag } from '../../errors.ts';
import { add, cast, ceil, div, equal, minimum, mul, pow, sub, where } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { LearningRateSchedule, nameOf, type ScheduleOptions, stepCount } from './schedule.ts';

/** Options of {@link PolynomialDecay}; the first two are needed. */
export interface PolynomialDecayOptions extends ScheduleOptions {
  /** The learning rate of the first step. */
  initialLearningRate?: number | undefined;
  /** How many steps the way to the end takes. */
  decaySteps?: number | undefined;
  /** The learning rate at the end, 0.0001 if left out. */
  endLearningRate?: number | undefined;
  /** The power of what is left of the way, 1 if left out: a straight line. */
  power?: number | undefined;
  /** Goes back up at the end and takes a way as much longer, again and again; `false` if left out. */
  cycle?: boolean | undefined;
}

const names = ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle', 'name'] as const;

/**
 * The rate goes from one value to another: `(initial − end) · (1 − step / decaySteps) ^ power + end`.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless `decaySteps` is greater than 0
 * @see https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/
 */
export class PolynomialDecay extends LearningRateSchedule {
  static readonly className: string = 'PolynomialDecay';
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly endLearningRate: number;
  readonly power: number;
  readonly cycle: boolean;
  override readonly name: string;

  constructor(
    initialLearningRate: number | PolynomialDecayOptions,
    decaySteps?: number | PolynomialDecayOptions,
    endLearningRate?: number | PolynomialDecayOptions,
    power?: number | PolynomialDecayOptions,
    cycle?: boolean | PolynomialDecayOptions,
    options?: PolynomialDecayOptions,
  ) {
    super();
    const where = 'PolynomialDecay';
    const given = [initialLearningRate, decaySteps, endLearningRate, power, cycle, options];
    const read = readOptions<PolynomialDecayOptions>(where, names, given);
    this.initialLearningRate = finite(where, 'initialLearningRate', read.initialLearningRate);
    this.decaySteps = stepCount(where, 'decaySteps', read.decaySteps);
    this.endLearningRate = finite(where, 'endLearningRate', read.endLearningRate ?? 1e-4);
    this.power = finite(where, 'power', read.power ?? 1);
    this.cycle = flag(where, 'cycle', read.cycle ?? false);
    this.name = nameOf(where, read.name, where);
  }

  override call(step: Tensor): Tensor {
    const done = cast(step, 'float32');
    const part = this.cycle ? div(done, this.#cycled(done)) : div(minimum(done, this.decaySteps), this.decaySteps);
    const height = sub(this.initialLearningRate, this.endLearningRate);
    return add(mul(pow(sub(1, part), this.power), height), this.endLearningRate);
  }

  /** The first multiple of `decaySteps` that is not below a step. */
  #cycled(step: Tensor): Tensor {
    return mul(where(equal(step, 0), 1, ceil(div(step, this.decaySteps))), this.decaySteps);
  }

  override getConfig(): object {
    const { initialLearningRate, decaySteps, endLearningRate, power, cycle, name } = this;
    return { initialLearningRate, decaySteps, endLearningRate, power, cycle, name };
  }
}
