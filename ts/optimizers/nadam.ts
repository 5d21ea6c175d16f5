import { add, div, mul, pow, sqrt, square, sub } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import { ones, type Tensor, type Variable } from '../tensor.ts';
import { type AdamArguments, BaseAdam, type BaseAdamOptions, baseAdamOptions } from './base-adam.ts';
import { follow } from './moments.ts';

/** Options of {@link Nadam}. */
export interface NadamOptions extends BaseAdamOptions {}

/**
 * Adam that looks ahead along its momentum, as Nesterov's method does. The learning rate is 0.001 if left out.
 *
 * @see https://keras.io/api/optimizers/nadam/
 */
export class Nadam extends BaseAdam {
  static readonly className: string = 'Nadam';

  constructor(...args: AdamArguments<NadamOptions>) {
    super('Nadam', readOptions<NadamOptions>('Nadam', baseAdamOptions, args));
  }

  /** The product of all momenta so far. */
  #product: Variable | null = null;

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'momentum', 'velocity');
    this.#product ??= this.addVariable('variable', () => ones([]));
  }

  /** Multiplies the momentum of this update into the product of all. */
  protected override prepare(learningRate: Tensor): Tensor {
    const product = this.#product!;
    product.assign(mul(product, this.#momentum()));
    return learningRate;
  }

  /** The momentum of this update, or of the next. */
  #momentum(later = 0): Tensor {
    return mul(sub(1, mul(pow(0.96, this.updateNumber(later)), 0.5)), this.beta1);
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const [now, next, product] = [this.#momentum(), this.#momentum(1), this.#product!.value];
    const momentum = follow(this.slot('momentum', variable), gradient, 1 - this.beta1);
    const velocity = follow(this.slot('velocity', variable), square(gradient), 1 - this.beta2);
    const ahead = div(mul(next, momentum), sub(1, mul(product, next)));
    const mean = add(ahead, div(mul(sub(1, now), gradient), sub(1, product)));
    const spread = div(velocity, sub(1, pow(this.beta2, this.updateNumber())));
    variable.assign(sub(variable, div(mul(mean, rate), add(sqrt(spread), this.epsilon))));
  }
}
