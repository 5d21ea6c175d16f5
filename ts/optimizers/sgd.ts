import { flag } from '../errors.ts';
import { mul, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link SGD}. */
export interface SGDOptions extends OptimizerOptions {
  /** How much of the last step goes on, 0 if left out. */
  momentum?: number | undefined;
  /** Looks ahead along the momentum; `false` if left out. */
  nesterov?: boolean | undefined;
}

const names = ['learningRate', 'momentum', 'nesterov', ...optimizerOptions] as const;

/**
 * Gradient descent, with momentum if wanted: m = momentum · m − learningRate · gradient. The learning rate is 0.01 if
 * left out.
 *
 * @see https://keras.io/api/optimizers/sgd/
 */
export class SGD extends Optimizer {
  static readonly className: string = 'SGD';
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(
    learningRate?: number | ScheduleBeside<SGDOptions> | SGDOptions,
    momentum?: number | SGDOptions,
    nesterov?: boolean | SGDOptions,
    options?: SGDOptions,
  ) {
    const read = readOptions<SGDOptions>('SGD', names, [learningRate, momentum, nesterov, options]);
    super(read, 0.01);
    this.momentum = numberWithin('SGD', 'momentum', read.momentum ?? 0, 0, 1);
    this.nesterov = flag('SGD', 'nesterov', read.nesterov ?? false);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    if (this.momentum !== 0) this.addSlots(variables, 'momentum');
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const step = mul(gradient, rate);
    if (this.momentum === 0) {
      variable.assign(sub(variable, step));
      return;
    }
    const momentum = this.slot('momentum', variable);
    const next = sub(mul(momentum, this.momentum), step);
    momentum.assign(next);
    variable.assign(variable.add(this.nesterov ? sub(mul(next, this.momentum), step) : next));
  }

  override getConfig(): object {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
