import { add, div, mul, neg, sqrt, square } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** How much of the means of squares stays, 0.95 if left out. */
  rho?: number | undefined;
  /** Keeps the divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
}

const names = ['learningRate', 'rho', 'epsilon', ...optimizerOptions] as const;

/**
 * Scales gradients by the ratio of the recent steps' size to the recent gradients'. The learning rate is 0.001 if left
 * out; the paper has 1.
 *
 * @see https://keras.io/api/optimizers/adadelta/
 */
export class Adadelta extends Optimizer {
  static readonly className: string = 'Adadelta';
  readonly rho: number;
  readonly epsilon: number;

  constructor(
    learningRate?: number | ScheduleBeside<AdadeltaOptions> | AdadeltaOptions,
    rho?: number | AdadeltaOptions,
    epsilon?: number | AdadeltaOptions,
    options?: AdadeltaOptions,
  ) {
    const where = 'Adadelta';
    const read = readOptions<AdadeltaOptions>(where, names, [learningRate, rho, epsilon, options]);
    super(read, 0.001);
    this.rho = numberWithin(where, 'rho', read.rho ?? 0.95, 0, 1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'accumulated_grad', 'accumulated_delta_var');
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const root = (x: Tensor) => sqrt(add(x, this.epsilon));
    const steps = this.slot('accumulated_delta_var', variable);
    const scale = root(steps.value);
    const squares = this.#follow(this.slot('accumulated_grad', variable), gradient);
    const step = neg(div(mul(scale, gradient), root(squares)));
    this.#follow(steps, step);
    variable.assign(add(variable, mul(rate, step)));
  }

  /** Takes a square into a running mean. */
  #follow(mean: Variable, value: Tensor): Tensor {
    const next = add(mul(mean, this.rho), mul(square(value), 1 - this.rho));
    mean.assign(next);
    return next;
  }

  override getConfig(): object {
    const { rho, epsilon } = this;
    return { ...super.getConfig(), rho, epsilon };
  }
}
