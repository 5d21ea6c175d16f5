import { add, div, equal, greater, logicalAnd, mul, norm, pow, sqrt, square, sub, where } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { type AdamArguments, BaseAdam, type BaseAdamOptions, baseAdamOptions } from './base-adam.ts';
import { follow } from './moments.ts';

/** Options of {@link Lamb}. */
export interface LambOptions extends BaseAdamOptions {}

/**
 * Adam whose step for each variable is scaled to the variable's own norm, for large batches. The learning rate is 0.001
 * if left out.
 *
 * @see https://keras.io/api/optimizers/lamb/
 */
export class Lamb extends BaseAdam {
  static readonly className: string = 'Lamb';

  constructor(...args: AdamArguments<LambOptions>) {
    super('Lamb', readOptions<LambOptions>('Lamb', baseAdamOptions, args));
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    this.addSlots(variables, 'momentum', 'velocity');
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const left = (beta: number) => sub(1, pow(beta, this.updateNumber()));
    const momentum = follow(this.slot('momentum', variable), gradient, 1 - this.beta1);
    const velocity = follow(this.slot('velocity', variable), square(gradient), 1 - this.beta2);
    const root = add(sqrt(div(velocity, left(this.beta2))), this.epsilon);
    const update = div(div(momentum, left(this.beta1)), root);
    const [own, its] = [norm(variable), norm(update)];
    const ratio = where(logicalAnd(greater(own, 0), greater(its, 0)), div(own, where(equal(its, 0), 1, its)), 1);
    variable.assign(sub(variable, mul(mul(ratio, rate), update)));
  }
}
