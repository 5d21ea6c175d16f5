import { flag } from '../errors.ts';
import { add, div, mul, sqrt, square, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link RMSprop}. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the mean of squares stays, 0.9 if left out. */
  rho?: number | undefined;
  /** How much of the last step goes on, 0 if left out. */
  momentum?: number | undefined;
  /** Keeps the root away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
  /** Divides by the variance instead of the mean of squares; `false` if left out. */
  centered?: boolean | undefined;
}

const names = ['learningRate', 'rho', 'momentum', 'epsilon', 'centered', ...optimizerOptions] as const;

/**
 * Divides gradients by √(v + epsilon), v the running mean of their squares. The learning rate is 0.001 if left out.
 *
 * @see https://keras.io/api/optimizers/rmsprop/
 */
export class RMSprop extends Optimizer {
  static readonly className: string = 'RMSprop';
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(
    learningRate?: number | ScheduleBeside<RMSpropOptions> | RMSpropOptions,
    rho?: number | RMSpropOptions,
    momentum?: number | RMSpropOptions,
    epsilon?: number | RMSpropOptions,
    options?: RMSpropOptions,
  ) {
    const read = readOptions<RMSpropOptions>('RMSprop', names, [learningRate, rho, momentum, epsilon, options]);
    super(read, 0.001);
    this.rho = numberWithin('RMSprop', 'rho', read.rho ?? 0.9, 0, 1);
    this.momentum = numberWithin('RMSprop', 'momentum', read.momentum ?? 0, 0, 1);
    this.epsilon = numberWithin('RMSprop', 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
    this.centered = flag('RMSprop', 'centered', read.centered ?? false);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'velocity');
    if (this.momentum > 0) this.addSlots(variables, 'momentum');
    if (this.centered) this.addSlots(variables, 'average_gradient');
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const velocity = this.#follow('velocity', variable, square(gradient));
    const spread = this.centered
      ? sub(velocity, square(this.#follow('average_gradient', variable, gradient)))
      : velocity;
    const increment = div(mul(gradient, rate), sqrt(add(spread, this.epsilon)));
    if (this.momentum === 0) {
      variable.assign(sub(variable, increment));
      return;
    }
    const momentum = this.slot('momentum', variable);
    const next = add(mul(momentum, this.momentum), increment);
    momentum.assign(next);
    variable.assign(sub(variable, next));
  }

  /** Takes a value into a running mean. */
  #follow(name: string, variable: Variable, value: Tensor): Tensor {
    const mean = this.slot(name, variable);
    const next = add(mul(mean, this.rho), mul(value, 1 - this.rho));
    mean.assign(next);
    return next;
  }

  override getConfig(): object {
    const { rho, momentum, epsilon, centered } = this;
    return { ...super.getConfig(), rho, momentum, epsilon, centered };
  }
}
