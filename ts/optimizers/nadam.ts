import { add, div, mul, pow, sqrt, square, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import { ones, type Tensor, type Variable } from '../tensor.ts';
import { follow } from './moments.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Nadam}. */
export interface NadamOptions extends OptimizerOptions {
  /** How much of the mean of gradients stays, 0.9 if left out. */
  beta1?: number | undefined;
  /** How much of the mean of squares stays, 0.999 if left out. */
  beta2?: number | undefined;
  /** Keeps the divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', ...optimizerOptions] as const;

/**
 * Adam that looks ahead along its momentum, as Nesterov's method does. The learning rate is 0.001 if left out.
 *
 * @see https://keras.io/api/optimizers/nadam/
 */
export class Nadam extends Optimizer {
  static readonly className: string = 'Nadam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(
    learningRate?: number | ScheduleBeside<NadamOptions> | NadamOptions,
    beta1?: number | NadamOptions,
    beta2?: number | NadamOptions,
    epsilon?: number | NadamOptions,
    options?: NadamOptions,
  ) {
    const where = 'Nadam';
    const read = readOptions<NadamOptions>(where, names, [learningRate, beta1, beta2, epsilon, options]);
    super(read, 0.001);
    this.beta1 = numberWithin(where, 'beta1', read.beta1 ?? 0.9, 0, 1);
    this.beta2 = numberWithin(where, 'beta2', read.beta2 ?? 0.999, 0, 1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
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

  override getConfig(): object {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}
