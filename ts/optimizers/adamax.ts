import { abs, add, div, maximum, mul, pow, sub } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { type AdamArguments, BaseAdam, type BaseAdamOptions, baseAdamOptions } from './base-adam.ts';
import { follow } from './moments.ts';

/** Options of {@link Adamax}. */
export interface AdamaxOptions extends BaseAdamOptions {
  /** How much of the greatest gradient so far stays, 0.999 if left out. */
  beta2?: number | undefined;
}

/**
 * Adam with the greatest recent gradient in place of the root of the mean of squares. The learning rate is 0.001 if left
 * out.
 *
 * @see https://keras.io/api/optimizers/adamax/
 */
export class Adamax extends BaseAdam {
  static readonly className: string = 'Adamax';

  constructor(...args: AdamArguments<AdamaxOptions>) {
    super('Adamax', readOptions<AdamaxOptions>('Adamax', baseAdamOptions, args));
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
}
