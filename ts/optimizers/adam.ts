import { badArgument, flag } from '../errors.ts';
import { add, div, maximum, mul, pow, sqrt, square, sub } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { type AdamArguments, BaseAdam, type BaseAdamOptions, leading } from './base-adam.ts';
import { follow } from './moments.ts';
import { optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Adam}. */
export interface AdamOptions extends BaseAdamOptions {
  /** Divides by the greatest mean of squares so far; `false` if left out. */
  amsgrad?: boolean | undefined;
}

const names = [...leading, 'amsgrad', ...optimizerOptions] as const;

/**
 * Adam: steps of m / (√v + epsilon), m the running mean of gradients and v of their squares, both corrected for having
 * begun with 0. The learning rate is 0.001 if left out.
 *
 * @see https://keras.io/api/optimizers/adam/
 */
export class Adam extends BaseAdam {
  static readonly className: string = 'Adam';
  readonly amsgrad: boolean;

  constructor(...args: AdamArguments<AdamOptions>) {
    const read = readOptions<AdamOptions>('Adam', names, args);
    super('Adam', read);
    this.amsgrad = flag('Adam', 'amsgrad', read.amsgrad ?? false);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'momentum', 'velocity');
    if (this.amsgrad) this.addSlots(variables, 'velocity_hat');
  }

  /** The learning rate, corrected for means that began with 0. */
  protected override prepare(learningRate: Tensor): Tensor {
    const step = this.updateNumber();
    const left = (beta: number) => sub(1, pow(beta, step));
    return div(mul(learningRate, sqrt(left(this.beta2))), left(this.beta1));
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const momentum = follow(this.slot('momentum', variable), gradient, 1 - this.beta1);
    let velocity = follow(this.slot('velocity', variable), square(gradient), 1 - this.beta2);
    if (this.amsgrad) {
      const greatest = this.slot('velocity_hat', variable);
      velocity = maximum(greatest, velocity);
      greatest.assign(velocity);
    }
    const step = div(mul(momentum, rate), add(sqrt(velocity), this.epsilon));
    variable.assign(sub(variable, step));
  }

  override getConfig(): object {
    return { ...super.getConfig(), amsgrad: this.amsgrad };
  }
}

/**
 * Adam with weight decay apart from the gradient, 0.004 if left out.
 *
 * @see https://keras.io/api/optimizers/adamw/
 */
export class AdamW extends Adam {
  static override readonly className: string = 'AdamW';

  constructor(
    learningRate?: number | ScheduleBeside<AdamOptions> | AdamOptions,
    weightDecay?: number | AdamOptions,
    options?: AdamOptions,
  ) {
    const order = [
      'learningRate',
      'weightDecay',
      ...names.filter((name) => !/^(learningRate|weightDecay)$/.test(name)),
    ];
    const read = readOptions<AdamOptions>('AdamW', order as (keyof AdamOptions)[], [
      learningRate,
      weightDecay,
      options,
    ]);
    if (read.weightDecay === null) throw badArgument('AdamW', 'weightDecay must be a number; received null.');
    super({ ...read, weightDecay: read.weightDecay ?? 0.004 });
  }
}
