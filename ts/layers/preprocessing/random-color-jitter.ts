import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { RandomBrightness, RandomContrast, RandomHue, RandomSaturation } from './colour-factors.ts';
import { ColourLayer, type ColourLayerOptions } from './colour-layer.ts';
import type { Factor } from './factors.ts';
import type { ImageLayer } from './image-layer.ts';

/** Options of {@link RandomColorJitter}. */
export interface RandomColorJitterOptions extends ColourLayerOptions {
  /** As of {@link RandomBrightness}; left alone if left out. */
  brightnessFactor?: Factor | null | undefined;
  /** As of {@link RandomContrast}; left alone if left out. */
  contrastFactor?: Factor | null | undefined;
  /** As of {@link RandomSaturation}; left alone if left out. */
  saturationFactor?: Factor | null | undefined;
  /** As of {@link RandomHue}; left alone if left out. */
  hueFactor?: Factor | null | undefined;
}

const names = [
  'valueRange',
  'brightnessFactor',
  'contrastFactor',
  'saturationFactor',
  'hueFactor',
  'seed',
  ...layerOptions,
] as const;

/**
 * In training changes brightness, contrast, saturation and hue of each image, one after the other; else it does nothing.
 * The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for factors that these layers do not take
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_color_jitter/
 */
export class RandomColorJitter extends ColourLayer<Tensor> {
  static readonly className: string = 'RandomColorJitter';
  readonly brightnessFactor: Factor | null;
  readonly contrastFactor: Factor | null;
  readonly saturationFactor: Factor | null;
  readonly hueFactor: Factor | null;
  readonly #steps: ImageLayer<unknown>[];

  constructor(
    valueRange?: readonly number[] | RandomColorJitterOptions,
    brightnessFactor?: Factor | null | RandomColorJitterOptions,
    contrastFactor?: Factor | null | RandomColorJitterOptions,
    saturationFactor?: Factor | null | RandomColorJitterOptions,
    hueFactor?: Factor | null | RandomColorJitterOptions,
    seed?: number | null | RandomColorJitterOptions,
    options?: RandomColorJitterOptions,
  ) {
    const given = [valueRange, brightnessFactor, contrastFactor, saturationFactor, hueFactor, seed, options];
    const read = readOptions<RandomColorJitterOptions>('RandomColorJitter', names, given);
    super('RandomColorJitter', read);
    this.brightnessFactor = read.brightnessFactor ?? null;
    this.contrastFactor = read.contrastFactor ?? null;
    this.saturationFactor = read.saturationFactor ?? null;
    this.hueFactor = read.hueFactor ?? null;
    const shared = { valueRange: this.valueRange, seed: this.seed };
    const steps = [
      [RandomBrightness, this.brightnessFactor],
      [RandomContrast, this.contrastFactor],
      [RandomSaturation, this.saturationFactor],
      [RandomHue, this.hueFactor],
    ] as const;
    this.#steps = steps.flatMap(([Step, factor]) => (factor === null ? [] : [new Step({ factor, ...shared })]));
    for (const step of this.#steps) this.addSeedGenerator((step as RandomBrightness).seedGenerator);
  }

  override transformImages(images: Tensor, _transformation: Tensor | null, training = true): Tensor {
    const floats = this.floats(images);
    return training ? this.changed(floats) : floats;
  }

  protected override changed(images: Tensor): Tensor {
    return this.#steps.reduce((x, step) => step.transformImages(x, step.getRandomTransformation(x)), images);
  }

  override getConfig(): object {
    const { brightnessFactor, contrastFactor, saturationFactor, hueFactor } = this;
    return { ...super.getConfig(), brightnessFactor, contrastFactor, saturationFactor, hueFactor };
  }
}
