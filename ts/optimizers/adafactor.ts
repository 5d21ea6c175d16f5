import { badArgument, finite, flag } from '../errors.ts';
import { add, div, expandDims, maximum, mean, minimum, mul, pow, rsqrt, sqrt, square, sub } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { Optimizer } from './optimizer.ts';
import { type OptimizerOptions, optimizerOptions, type ScheduleBeside } from './options.ts';

/** Options of {@link Adafactor}. */
export interface AdafactorOptions extends OptimizerOptions {
  /** How fast the past is forgotten: 1 − step^beta2Decay of it stays; −0.8 if left out. */
  beta2Decay?: number | undefined;
  /** Added to squares of gradients, 1e-30 if left out. */
  epsilon1?: number | undefined;
  /** The least size of a variable that counts, 1e-3 if left out. */
  epsilon2?: number | undefined;
  /** How far the root mean square of a step may go, 1 if left out. */
  clipThreshold?: number | undefined;
  /** Whether the learning rate is at most 1 / √step; `true` if left out. */
  relativeStep?: boolean | undefined;
}

const names = [
  'learningRate',
  'beta2Decay',
  'epsilon1',
  'epsilon2',
  'clipThreshold',
  'relativeStep',
  ...optimizerOptions,
] as const;

const rms = (x: Tensor): Tensor => sqrt(mean(square(x)));

/**
 * Keeps means of squared gradients by row and by column instead of one a weight, and steps relative to a variable's own
 * size. The learning rate is 0.001 if left out.
 *
 * @see https://keras.io/api/optimizers/adafactor/
 */
export class Adafactor extends Optimizer {
  static readonly className: string = 'Adafactor';
  readonly beta2Decay: number;
  readonly epsilon1: number;
  readonly epsilon2: number;
  readonly clipThreshold: number;
  readonly relativeStep: boolean;

  constructor(
    learningRate?: number | ScheduleBeside<AdafactorOptions> | AdafactorOptions,
    beta2Decay?: number | AdafactorOptions,
    epsilon1?: number | AdafactorOptions,
    epsilon2?: number | AdafactorOptions,
    clipThreshold?: number | AdafactorOptions,
    options?: AdafactorOptions,
  ) {
    const where = 'Adafactor';
    const given = [learningRate, beta2Decay, epsilon1, epsilon2, clipThreshold, options];
    const read = readOptions<AdafactorOptions>(where, names, given);
    super(read, 0.001);
    this.beta2Decay = finite(where, 'beta2Decay', read.beta2Decay ?? -0.8);
    this.epsilon1 = numberWithin(where, 'epsilon1', read.epsilon1 ?? 1e-30, 0, Infinity);
    this.epsilon2 = numberWithin(where, 'epsilon2', read.epsilon2 ?? 1e-3, 0, Infinity);
    this.clipThreshold = numberWithin(where, 'clipThreshold', read.clipThreshold ?? 1, 0, Infinity);
    if (this.clipThreshold === 0) throw badArgument(where, 'clipThreshold must be greater than 0; received 0.');
    this.relativeStep = flag(where, 'relativeStep', read.relativeStep ?? true);
  }

  protected override buildSlots(variables: readonly Variable[]): void {
    for (const variable of variables) {
      const shape = variable.shape as readonly number[];
      const { length } = shape;
      const path = variable.name;
      // Vectors have no rows and columns; Keras keeps scalars for them all the same, and so do its files.
      this.addSlot(variable, 'rows', { path, shape: length < 2 ? [] : shape.slice(0, -1) });
      this.addSlot(variable, 'columns', { path, shape: length < 2 ? [] : [...shape.slice(0, -2), shape[length - 1]!] });
      this.addSlot(variable, 'velocity');
    }
  }

  /** At most 1 / √step of the learning rate. */
  protected override prepare(learningRate: Tensor): Tensor {
    return minimum(learningRate, rsqrt(this.updateNumber()));
  }

  override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
    const fresh = pow(this.updateNumber(), this.beta2Decay);
    const squares = add(square(gradient), this.epsilon1);
    const spread =
      variable.rank < 2 ? this.#follow('velocity', variable, squares, fresh) : this.#factors(variable, squares, fresh);
    const step = div(gradient, sqrt(spread));
    const held = div(step, maximum(div(rms(step), this.clipThreshold), 1));
    const size = mul(maximum(rms(variable), this.epsilon2), rate);
    variable.assign(sub(variable, mul(size, held)));
  }

  /** The mean of squares that the means by row and by column make together. */
  #factors(variable: Variable, squares: Tensor, fresh: Tensor): Tensor {
    const rows = this.#follow('rows', variable, mean(squares, -1), fresh);
    const columns = this.#follow('columns', variable, mean(squares, -2), fresh);
    const share = div(rows, mean(rows, -1, { keepdims: true }));
    const spread = mul(expandDims(share, -1), expandDims(columns, -2));
    this.slot('velocity', variable).assign(spread);
    return spread;
  }

  #follow(name: string, variable: Variable, value: Tensor, fresh: Tensor): Tensor {
    const slot = this.slot(name, variable);
    const stays = sub(1, fresh);
    const next = add(mul(stays, slot), mul(sub(1, stays), value));
    slot.assign(next);
    return next;
  }

  override getConfig(): object {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep } = this;
    return { ...super.getConfig(), beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep };
  }
}
