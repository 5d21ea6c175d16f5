import { badArgument } from '../../errors.ts';
import { type ListBeside, numberWithin, readOptions } from '../../options.ts';
import { normal } from '../../random/index.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { type CallOptions, layerOptions } from '../options.ts';
import { noiseShapeOf, SeededLayer, type SeededOptions } from './seeded-layer.ts';

/** Throws where a rate of 1 would leave nothing to scale. */
function checkBelowOne(layer: SeededLayer, rate: number): void {
  if (rate === 1) throw badArgument(String(layer), 'a rate of 1 leaves no value to train with; it must be below 1.');
}

/** Options of {@link GaussianNoise}. */
export interface GaussianNoiseOptions extends SeededOptions {
  /** The deviation of the noise, from 0 to 1. */
  stddev?: number | undefined;
}

/**
 * In training adds normally distributed numbers with mean 0; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a deviation that is not from 0 to 1
 * @see https://keras.io/api/layers/regularization_layers/gaussian_noise/
 */
export class GaussianNoise extends SeededLayer {
  static readonly className: string = 'GaussianNoise';
  readonly stddev: number;

  constructor(
    stddev: number | GaussianNoiseOptions,
    seed?: number | null | GaussianNoiseOptions,
    options?: GaussianNoiseOptions,
  ) {
    const names = ['stddev', 'seed', ...layerOptions] as const;
    const read = readOptions<GaussianNoiseOptions>('GaussianNoise', names, [stddev, seed, options]);
    super(read);
    this.stddev = numberWithin('GaussianNoise', 'stddev', read.stddev, 0, 1);
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training || this.stddev === 0) return x;
    return x.add(normal(x, { stddev: this.stddev, seed: this.seedGenerator, dtype: x.dtype }));
  }

  override getConfig(): object {
    return { ...super.getConfig(), stddev: this.stddev };
  }
}

/** Options of {@link GaussianDropout}. */
export interface GaussianDropoutOptions extends SeededOptions {
  /** The noise has the deviation √(rate / (1 − rate)); from 0 to 1. */
  rate?: number | undefined;
}

/**
 * In training multiplies with normally distributed numbers with mean 1 and deviation √(rate / (1 − rate)); else it does
 * nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1, in training also for 1
 * @see https://keras.io/api/layers/regularization_layers/gaussian_dropout/
 */
export class GaussianDropout extends SeededLayer {
  static readonly className: string = 'GaussianDropout';
  readonly rate: number;

  constructor(
    rate: number | GaussianDropoutOptions,
    seed?: number | null | GaussianDropoutOptions,
    options?: GaussianDropoutOptions,
  ) {
    const names = ['rate', 'seed', ...layerOptions] as const;
    const read = readOptions<GaussianDropoutOptions>('GaussianDropout', names, [rate, seed, options]);
    super(read);
    this.rate = numberWithin('GaussianDropout', 'rate', read.rate, 0, 1);
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    const { rate } = this;
    if (!training || rate === 0) return x;
    checkBelowOne(this, rate);
    return x.mul(
      normal(x, { mean: 1, stddev: Math.sqrt(rate / (1 - rate)), seed: this.seedGenerator, dtype: x.dtype }),
    );
  }

  override getConfig(): object {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** Options of {@link AlphaDropout}. */
export interface AlphaDropoutOptions extends SeededOptions {
  /** The part of the values that is dropped, from 0 to 1. */
  rate?: number | undefined;
  /** Shape of the mask; where a side is 1 all values along it share one fate, `null` is the input's side. */
  noiseShape?: Shape | null | undefined;
}

/** What SELU approaches far below 0. */
const saturation = -1.6732632423543772 * 1.0507009873554805;

/**
 * The dropout of self-normalizing networks: in training sets a part of the values to what SELU approaches far below 0,
 * then scales and shifts all so that mean and variance stay; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1, in training also for 1
 * @see https://keras.io/api/layers/regularization_layers/alpha_dropout/
 */
export class AlphaDropout extends SeededLayer {
  static readonly className: string = 'AlphaDropout';
  readonly rate: number;
  readonly noiseShape: Shape | null;

  constructor(
    rate: number | AlphaDropoutOptions,
    noiseShape?: ListBeside<AlphaDropoutOptions, number | null> | null | AlphaDropoutOptions,
    seed?: number | null | AlphaDropoutOptions,
    options?: AlphaDropoutOptions,
  ) {
    const names = ['rate', 'noiseShape', 'seed', ...layerOptions] as const;
    const read = readOptions<AlphaDropoutOptions>('AlphaDropout', names, [rate, noiseShape, seed, options]);
    super(read);
    this.rate = numberWithin('AlphaDropout', 'rate', read.rate, 0, 1);
    this.noiseShape = noiseShapeOf('AlphaDropout', read.noiseShape);
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    const { rate } = this;
    if (!training || rate === 0) return x;
    checkBelowOne(this, rate);
    const kept = this.chosen(x, 1 - rate, 1, this.noiseShape);
    const scale = ((1 - rate) * (1 + rate * saturation ** 2)) ** -0.5;
    const dropped = kept.neg().add(1).mul(saturation);
    return x
      .mul(kept)
      .add(dropped)
      .mul(scale)
      .add(-scale * saturation * rate);
  }

  override getConfig(): object {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape };
  }
}
