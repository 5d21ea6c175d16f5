import { badArgument } from '../errors.ts';
import { add, mul, sign, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Lion}. */
export interface LionOptions extends OptimizerOptions {
  /** How much of the mean of gradients stays, 0.9 if left out. */
  beta1?: number | undefined;
  /** How much of the kept mean stays, 0.99 if left out. */
  beta2?: number | undefined;
}

const names = ['learningRate', 'beta1', 'beta2', ...optimizerOptions] as const;

/**
 * Steps by the sign of a mean of the gradients: every weight moves by the learning rate, 0.001 if left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a beta1 of 0: nothing but signs of gradients would be left
 *
 * @see https://keras.io/api/optimizers/lion/
 */
export class Lion extends Optimizer {
  static readonly className: string = 'Lion';
  readonly beta1: number;
  readonly beta2: number;

  constructor(
    learningRate?: number | ScheduleBeside<LionOptions> | LionOptions,
    beta1?: number | LionOptions,
    beta2?: number | LionOptions,
    options?: LionOptions,
  ) {
    const where = 'Lion';
    const read = readOptions<LionOptions>(where, names, [learningRate, beta1, beta2, options]);
    super(read, 0.001);
    this.beta1 = numberWithin(where, 'beta1', read.beta1 ?? 0.9, 0, 1);
    this.beta2 = numberWithin(where, 'beta2', read.beta2 ?? 0.99, 0, 1);
    if (this.beta1 === 0) throw badArgument(where, 'beta1 must be greater than 0; received 0.');
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'momentum');
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const momentum = this.slot('momentum', variable);
    const mixed = (share: number) => add(mul(momentum, share), mul(gradient, 1 - share));
    variable.assign(sub(variable, mul(rate, sign(mixed(this.beta1)))));
    momentum.assign(mixed(this.beta2));
  }

  override getConfig(): object {
    const { beta1, beta2 } = this;
    return { ...super.getConfig(), beta1, beta2 };
  }
}
