import { add, div, equal, greater, logicalAnd, mul, norm, pow, sqrt, square, sub, where } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { follow } from './moments.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Lamb}. */
export interface LambOptions extends OptimizerOptions {
  /** How much of the mean of gradients stays, 0.9 if left out. */
  beta1?: number | undefined;
  /** How much of the mean of squares stays, 0.999 if left out. */
  beta2?: number | undefined;
  /** Keeps the divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
}

const names = ['learningRate', 'beta1', 'beta2', 'epsilon', ...optimizerOptions] as const;

/**
 * Adam whose step for each variable is scaled to the variable's own norm, for large batches. The learning rate is 0.001
 * if left out.
 *
 * @see https://keras.io/api/optimizers/lamb/
 */
export class Lamb extends Optimizer {
  static readonly className: string = 'Lamb';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(
    learningRate?: number | ScheduleBeside<LambOptions> | LambOptions,
    beta1?: number | LambOptions,
    beta2?: number | LambOptions,
    epsilon?: number | LambOptions,
    options?: LambOptions,
  ) {
    const read = readOptions<LambOptions>('Lamb', names, [learningRate, beta1, beta2, epsilon, options]);
    super(read, 0.001);
    this.beta1 = numberWithin('Lamb', 'beta1', read.beta1 ?? 0.9, 0, 1);
    this.beta2 = numberWithin('Lamb', 'beta2', read.beta2 ?? 0.999, 0, 1);
    this.epsilon = numberWithin('Lamb', 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
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

  override getConfig(): object {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}
