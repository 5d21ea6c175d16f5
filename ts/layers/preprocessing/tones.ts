import * as ops from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import { randint } from '../../random/index.ts';
import { full, type Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import type { ColourArguments } from './colour-factors.ts';
import { type ColourFactorOptions, ColourLayer, type ColourLayerOptions, rescaled } from './colour-layer.ts';
import { type Factor, factorOf, type Range, strictFactorOf } from './factors.ts';
import { perImage } from './image-layer.ts';

const bytes: Range = [0, 255];

/** Options of {@link Solarization}. */
export interface SolarizationOptions extends ColourLayerOptions {
  /** How much is added before, as part of the range, from 0 to 1: one number for everything up to it, or a range; 0 if left out. */
  additionFactor?: Factor | undefined;
  /** From which value on pixels are inverted, likewise; 0 if left out. */
  thresholdFactor?: Factor | undefined;
}

/** What {@link Solarization} draws. */
export interface Solar {
  /** What is added, of 0 … 255: [n, 1, 1, 1]. */
  additions: Tensor;
  /** From which value on pixels are inverted, of 0 … 255: [n, 1, 1, 1]. */
  thresholds: Tensor;
}

/**
 * In training adds to each image and inverts what is bright; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/solarization/
 */
export class Solarization extends ColourLayer<Solar> {
  static readonly className: string = 'Solarization';
  readonly additionFactor: Range;
  readonly thresholdFactor: Range;

  constructor(
    additionFactor?: Factor | SolarizationOptions,
    thresholdFactor?: Factor | SolarizationOptions,
    valueRange?: readonly number[] | SolarizationOptions,
    seed?: number | null | SolarizationOptions,
    options?: SolarizationOptions,
  ) {
    const names = ['additionFactor', 'thresholdFactor', 'valueRange', 'seed', ...layerOptions] as const;
    const given = [additionFactor, thresholdFactor, valueRange, seed, options];
    const read = readOptions<SolarizationOptions>('Solarization', names, given);
    super('Solarization', read);
    const range = (field: string, factor: unknown) =>
      strictFactorOf(
        'Solarization',
        field,
        factor,
        (x) => x >= 0 && x <= 1,
        'from 0 to 1',
        () => 0,
      );
    this.additionFactor = range('additionFactor', read.additionFactor ?? 0);
    this.thresholdFactor = range('thresholdFactor', read.thresholdFactor ?? 0);
  }

  override getRandomTransformation(images: Tensor, training = true): Solar | null {
    if (!training) return null;
    // Keras scales the upper end of the range alone.
    const draw = ([lower, upper]: Range) => this.draw([images.dim(0), 1, 1, 1], [lower, upper * 255]);
    return { additions: draw(this.additionFactor), thresholds: draw(this.thresholdFactor) };
  }

  protected override changed(images: Tensor, { additions, thresholds }: Solar): Tensor {
    const added = ops.clip(ops.add(rescaled(images, this.valueRange, bytes), additions), 0, 255);
    const result = ops.where(ops.less(added, thresholds), added, ops.sub(255, added));
    return rescaled(result, bytes, this.valueRange);
  }

  override getConfig(): object {
    const { additionFactor, thresholdFactor } = this;
    return { ...super.getConfig(), additionFactor, thresholdFactor };
  }
}

/** What {@link RandomPosterization} draws. */
export interface Posters {
  /** How many bits of each pixel are lost: [n]. */
  shiftFactor: Tensor;
}

/**
 * In training leaves each image so many bits of a byte for a pixel; else it does nothing. The output has the input's
 * shape. The factor is whole numbers from 1 to 8; drawn are those below the upper one.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [1, 8]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_posterization/
 */
export class RandomPosterization extends ColourLayer<Posters> {
  static readonly className: string = 'RandomPosterization';
  /** How many bits stay: drawn from the first up to, without, the second number. */
  readonly factor: Range;

  constructor(...args: ColourArguments) {
    const names = ['factor', 'valueRange', 'seed', ...layerOptions] as const;
    const read = readOptions<ColourFactorOptions>('RandomPosterization', names, args);
    super('RandomPosterization', read);
    this.factor = factorOf('RandomPosterization', 'factor', read.factor, [1, 8]);
  }

  override getRandomTransformation(images: Tensor, training = true): Posters | null {
    if (!training) return null;
    const [lower, upper] = this.factor.map(Math.trunc) as [number, number];
    const count = images.dim(0);
    const drawn = lower === upper ? full([count], lower) : randint([count], lower, upper, { seed: this.seedGenerator });
    return { shiftFactor: ops.sub(8, drawn) };
  }

  protected override changed(images: Tensor, { shiftFactor }: Posters): Tensor {
    const step = ops.round(ops.pow(2, perImage(ops.cast(shiftFactor, 'float32'))));
    const whole = ops.floor(rescaled(images, this.valueRange, bytes));
    return rescaled(ops.mul(ops.floor(ops.div(whole, step)), step), bytes, this.valueRange);
  }

  override getConfig(): object {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** What {@link RandomInvert} draws. */
export interface Inversion {
  /** Whether an image is inverted: bool [n]. */
  applyInversion: Tensor;
}

/**
 * In training inverts some images, with a probability drawn from the factor; else it does nothing. The output has the
 * input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_invert/
 */
export class RandomInvert extends ColourLayer<Inversion> {
  static readonly className: string = 'RandomInvert';
  /** Between which numbers the probability is drawn. */
  readonly factor: Range;

  constructor(...args: ColourArguments) {
    const names = ['factor', 'valueRange', 'seed', ...layerOptions] as const;
    const read = readOptions<ColourFactorOptions>('RandomInvert', names, args);
    super('RandomInvert', read);
    this.factor = factorOf('RandomInvert', 'factor', read.factor ?? 1, [0, 1]);
  }

  override getRandomTransformation(images: Tensor, training = true): Inversion | null {
    return training ? { applyInversion: this.drawWhether(images.dim(0), this.factor) } : null;
  }

  protected override changed(images: Tensor, { applyInversion }: Inversion): Tensor {
    return ops.where(perImage(applyInversion), ops.sub(this.valueRange[1], images), images);
  }

  override getConfig(): object {
    return { ...super.getConfig(), factor: this.factor };
  }
}
