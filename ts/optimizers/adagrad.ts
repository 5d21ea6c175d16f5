import { add, div, mul, sqrt, square, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Adagrad}. */
export interface AdagradOptions extends OptimizerOptions {
  /** What the sums of squares begin with, 0.1 if left out. */
  initialAccumulatorValue?: number | undefined;
  /** Keeps the divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
}

const names = ['learningRate', 'initialAccumulatorValue', 'epsilon', ...optimizerOptions] as const;

/**
 * Divides gradients by √(s + epsilon), s the sum of all their squares so far: what changed often changes less. The
 * learning rate is 0.001 if left out.
 *
 * @see https://keras.io/api/optimizers/adagrad/
 */
export class Adagrad extends Optimizer {
  static readonly className: string = 'Adagrad';
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(
    learningRate?: number | ScheduleBeside<AdagradOptions> | AdagradOptions,
    initialAccumulatorValue?: number | AdagradOptions,
    epsilon?: number | AdagradOptions,
    options?: AdagradOptions,
  ) {
    const where = 'Adagrad';
    const read = readOptions<AdagradOptions>(where, names, [learningRate, initialAccumulatorValue, epsilon, options]);
    super(read, 0.001);
    this.initialAccumulatorValue = numberWithin(
      where,
      'initialAccumulatorValue',
      read.initialAccumulatorValue ?? 0.1,
      0,
      Infinity,
    );
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    const initial = this.initialAccumulatorValue;
    for (const variable of variables) this.addSlot(variable, 'accumulator', { initial });
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const accumulator = this.slot('accumulator', variable);
    const next = add(accumulator, square(gradient));
    accumulator.assign(next);
    variable.assign(sub(variable, div(mul(rate, gradient), sqrt(add(next, this.epsilon)))));
  }

  override getConfig(): object {
    const { initialAccumulatorValue, epsilon } = this;
    return { ...super.getConfig(), initialAccumulatorValue, epsilon };
  }
}
