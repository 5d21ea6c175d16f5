import { add, clip, div, mul, pow, square, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Ftrl}. */
export interface FtrlOptions extends OptimizerOptions {
  /** How fast steps shrink: the power of the sum of squares, at most 0; −0.5 if left out. */
  learningRatePower?: number | undefined;
  /** What the sums of squares begin with, 0.1 if left out. */
  initialAccumulatorValue?: number | undefined;
  /** The penalty on absolute values, 0 if left out. */
  l1RegularizationStrength?: number | undefined;
  /** The penalty on squares, 0 if left out. */
  l2RegularizationStrength?: number | undefined;
  /** The penalty on squares by way of the gradient, 0 if left out. */
  l2ShrinkageRegularizationStrength?: number | undefined;
  /** The beta of the paper, 0 if left out. */
  beta?: number | undefined;
}

const names = [
  'learningRate',
  'learningRatePower',
  'initialAccumulatorValue',
  'l1RegularizationStrength',
  'l2RegularizationStrength',
  'l2ShrinkageRegularizationStrength',
  'beta',
  ...optimizerOptions,
] as const;

/**
 * Follow the regularized leader: weights that the l1 penalty holds at 0 stay exactly 0. The learning rate is 0.001 if
 * left out.
 *
 * @see https://keras.io/api/optimizers/ftrl/
 */
export class Ftrl extends Optimizer {
  static readonly className: string = 'Ftrl';
  readonly learningRatePower: number;
  readonly initialAccumulatorValue: number;
  readonly l1RegularizationStrength: number;
  readonly l2RegularizationStrength: number;
  readonly l2ShrinkageRegularizationStrength: number;
  readonly beta: number;

  constructor(
    learningRate?: number | ScheduleBeside<FtrlOptions> | FtrlOptions,
    learningRatePower?: number | FtrlOptions,
    initialAccumulatorValue?: number | FtrlOptions,
    l1RegularizationStrength?: number | FtrlOptions,
    l2RegularizationStrength?: number | FtrlOptions,
    l2ShrinkageRegularizationStrength?: number | FtrlOptions,
    beta?: number | FtrlOptions,
    options?: FtrlOptions,
  ) {
    const read = readOptions<FtrlOptions>('Ftrl', names, [
      learningRate,
      learningRatePower,
      initialAccumulatorValue,
      l1RegularizationStrength,
      l2RegularizationStrength,
      l2ShrinkageRegularizationStrength,
      beta,
      options,
    ]);
    super(read, 0.001);
    const positive = (field: keyof FtrlOptions & string, usual: number) =>
      numberWithin('Ftrl', field, read[field] ?? usual, 0, Infinity);
    this.learningRatePower = numberWithin('Ftrl', 'learningRatePower', read.learningRatePower ?? -0.5, -1e9, 0);
    this.initialAccumulatorValue = positive('initialAccumulatorValue', 0.1);
    this.l1RegularizationStrength = positive('l1RegularizationStrength', 0);
    this.l2RegularizationStrength = positive('l2RegularizationStrength', 0);
    this.l2ShrinkageRegularizationStrength = positive('l2ShrinkageRegularizationStrength', 0);
    this.beta = numberWithin('Ftrl', 'beta', read.beta ?? 0, -1e9, Infinity);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    for (const variable of variables) {
      this.addSlot(variable, 'accumulator', { initial: this.initialAccumulatorValue });
      this.addSlot(variable, 'linear');
    }
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const { l1RegularizationStrength: l1, l2RegularizationStrength: l2 } = this;
    const [accumulator, linear] = [this.slot('accumulator', variable), this.slot('linear', variable)];
    const shrunk = add(gradient, mul(variable, 2 * this.l2ShrinkageRegularizationStrength));
    const sum = add(accumulator, square(gradient));
    const power = (x: Tensor) => pow(x, -this.learningRatePower);
    const change = div(sub(power(sum), power(accumulator)), rate);
    const next = add(linear, sub(shrunk, mul(change, variable)));
    linear.assign(next);
    const penalty = mul(add(div(this.beta / 2, rate), l2), 2);
    const quadratic = add(div(power(sum), rate), penalty);
    variable.assign(div(sub(clip(next, -l1, l1), next), quadratic));
    accumulator.assign(sum);
  }

  override getConfig(): object {
    return {
      ...super.getConfig(),
      learningRatePower: this.learningRatePower,
      initialAccumulatorValue: this.initialAccumulatorValue,
      l1RegularizationStrength: this.l1RegularizationStrength,
      l2RegularizationStrength: this.l2RegularizationStrength,
      l2ShrinkageRegularizationStrength: this.l2ShrinkageRegularizationStrength,
      beta: this.beta,
    };
  }
}
