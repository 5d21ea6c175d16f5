import { numberWithin } from '../options.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** What {@link Adam}, {@link Adamax}, {@link Nadam} and {@link Lamb} share. */
export interface BaseAdamOptions extends OptimizerOptions {
  /** How much of the mean of gradients stays, 0.9 if left out. */
  beta1?: number | undefined;
  /** How much of the mean of squares stays, 0.999 if left out. */
  beta2?: number | undefined;
  /** Keeps the divisor away from 0, 1e-7 if left out. */
  epsilon?: number | undefined;
}

/** The names of Keras's leading parameters. */
export const leading = ['learningRate', 'beta1', 'beta2', 'epsilon'] as const;

/** The names of {@link BaseAdamOptions}. */
export const baseAdamOptions = [...leading, ...optimizerOptions] as const;

/** What constructors take: Keras's leading parameters, then options. */
export type AdamArguments<O extends BaseAdamOptions> = [
  learningRate?: number | ScheduleBeside<O> | O,
  beta1?: number | O,
  beta2?: number | O,
  epsilon?: number | O,
  options?: O,
];

/** Steps along a mean of gradients, measured by another mean of their size. The learning rate is 0.001 if left out. */
export abstract class BaseAdam extends Optimizer {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(where: string, read: BaseAdamOptions) {
    super(read, 0.001);
    this.beta1 = numberWithin(where, 'beta1', read.beta1 ?? 0.9, 0, 1);
    this.beta2 = numberWithin(where, 'beta2', read.beta2 ?? 0.999, 0, 1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-7, 0, Infinity);
  }

  override getConfig(): object {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon };
  }
}
