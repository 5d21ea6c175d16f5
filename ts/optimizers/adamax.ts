import { abs, add, div, maximum, mul, pow, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { follow } from './moments.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Adamax}. */
export interface AdamaxOptions extends OptimizerOptions {
  /** How much of the mean of gradients stays, 0.9 if left out. */
  beta1?: number | undefined;
  /** How much of the greatest gradient so far stays, 0.999 if left out. */
  beta2?: number | undefined;
  /** Keeps the divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', ...optimizerOptions] as const;

/**
 * Adam with the greatest recent gradient in place of the root of the mean of squares. The learning rate is 0.001 if left
 * out.
 *
 * @see https://keras.io/api/optimizers/adamax/
 */
export class Adamax extends Optimizer {
  static readonly className: string = 'Adamax';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(
    learningRate?: number | ScheduleBeside<AdamaxOptions> | AdamaxOptions,
    beta1?: number | AdamaxOptions,
    beta2?: number | AdamaxOptions,
    epsilon?: number | AdamaxOptions,
    options?: AdamaxOptions,
  ) {
    const where = 'Adamax';
    const read = readOptions<AdamaxOptions>(where, names, [learningRate, beta1, beta2, epsilon, options]);
    super(read, 0.001);
    this.beta1 = numberWithin(where, 'beta1', read.beta1 ?? 0.9, 0, 1);
    this.beta2 = numberWithin(where, 'beta2', read.beta2 ?? 0.999, 0, 1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'momentum', 'norm');
  }

  /** The learning rate, corrected for means that began with 0. */
  protected override prepare(learningRate: Tensor): Tensor {
    return div(learningRate, sub(1, pow(this.beta1, this.updateNumber())));
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const momentum = follow(this.slot('momentum', variable), gradient, 1 - this.beta1);
    const norm = this.slot('norm', variable);
    const next = maximum(mul(norm, this.beta2), abs(gradient));
    norm.assign(next);
    variable.assign(sub(variable, div(mul(rate, momentum), add(next, this.epsilon))));
  }

  override getConfig(): object {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}
