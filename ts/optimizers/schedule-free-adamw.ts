import { badArgument, whole } from '../errors.ts';
import { add, div, minimum, mul, pow, sqrt, square, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { follow } from './moments.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link ScheduleFreeAdamW}. */
export interface ScheduleFreeAdamWOptions extends OptimizerOptions {
  /** How much of the weights is the mean of all steps and not the last one, 0.9 if left out. */
  beta1?: number | undefined;
  /** How much of the mean of squares stays, 0.999 if left out. */
  beta2?: number | undefined;
  /** Keeps the divisor away from 0, 1e-8 if left out. */
  epsilon?: number | undefined;
  /** Over how many steps the learning rate rises from 0, 0 if left out. */
  warmupSteps?: number | undefined;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', 'warmupSteps', ...optimizerOptions] as const;

/**
 * Adam without a schedule (Defazio et al., https://arxiv.org/abs/2405.15682): steps of gradient / √v move one sequence of
 * weights, and the model's weights lie between it and the mean of all that it has passed through. The learning rate is
 * 0.0025 if left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a beta1 of 0: the weights would not tell the mean any more
 *
 * @see https://keras.io/api/optimizers/schedule_free_adamw/
 */
export class ScheduleFreeAdamW extends Optimizer {
  static readonly className: string = 'ScheduleFreeAdamW';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly warmupSteps: number;

  constructor(
    learningRate?: number | ScheduleBeside<ScheduleFreeAdamWOptions> | ScheduleFreeAdamWOptions,
    beta1?: number | ScheduleFreeAdamWOptions,
    beta2?: number | ScheduleFreeAdamWOptions,
    epsilon?: number | ScheduleFreeAdamWOptions,
    warmupSteps?: number | ScheduleFreeAdamWOptions,
    options?: ScheduleFreeAdamWOptions,
  ) {
    const where = 'ScheduleFreeAdamW';
    const given = [learningRate, beta1, beta2, epsilon, warmupSteps, options];
    const read = readOptions<ScheduleFreeAdamWOptions>(where, names, given);
    super(read, 0.0025);
    this.beta1 = numberWithin(where, 'beta1', read.beta1 ?? 0.9, 0, 1);
    this.beta2 = numberWithin(where, 'beta2', read.beta2 ?? 0.999, 0, 1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-8, 0, Infinity);
    this.warmupSteps = whole(where, 'warmupSteps', read.warmupSteps ?? 0, 0);
    if (this.beta1 === 0) throw badArgument(where, 'beta1 must be greater than 0; received 0.');
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    for (const variable of variables) {
      this.addSlot(variable, 'momentum', { initial: () => variable.value });
      this.addSlot(variable, 'velocity');
    }
  }

  protected override prepare(learningRate: Tensor): Tensor {
    if (this.warmupSteps === 0) return learningRate;
    return mul(learningRate, minimum(div(this.updateNumber(), this.warmupSteps), 1));
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const { beta1, beta2, epsilon } = this;
    const step = this.updateNumber();
    const velocity = follow(this.slot('velocity', variable), square(gradient), 1 - beta2);
    const divisor = add(sqrt(div(velocity, sub(1, pow(beta2, step)))), epsilon);
    const momentum = this.slot('momentum', variable);
    const before = momentum.value;
    const next = sub(before, div(mul(rate, gradient), divisor));
    momentum.assign(next);
    // The weights are (1 − beta1) · momentum + beta1 · mean: what is kept beside them tells the mean.
    const mean = div(sub(variable, mul(before, 1 - beta1)), beta1);
    const share = div(1, step);
    const moved = add(mul(sub(1, share), mean), mul(share, next));
    variable.assign(add(mul(next, 1 - beta1), mul(moved, beta1)));
  }

  override getConfig(): object {
    const { beta1, beta2, epsilon, warmupSteps } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon, warmupSteps };
  }
}
