import * as ops from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { type ColourFactorOptions, ColourLayer, rescaled } from './colour-layer.ts';
import { type Factor, factorOf, type Range } from './factors.ts';
import { perImage } from './image-layer.ts';

const names = ['factor', 'valueRange', 'seed', ...layerOptions] as const;

/** The arguments of a layer with a factor: a leading run of Keras's positional parameters, then options. */
export type ColourArguments<O extends ColourFactorOptions = ColourFactorOptions> = readonly [
  factor?: Factor | O,
  valueRange?: readonly number[] | O,
  seed?: number | null | O,
  options?: O,
];

/** The base of layers whose only parameter is a factor, drawn for each image. */
abstract class FactorLayer<T> extends ColourLayer<T> {
  readonly factor: Range;

  constructor(className: string, bounds: Range, args: ColourArguments) {
    const read = readOptions<ColourFactorOptions>(className, names, args);
    super(className, read);
    this.factor = factorOf(className, 'factor', read.factor, bounds);
  }

  override getConfig(): object {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** What {@link RandomContrast} draws. */
export interface Contrast {
  /** By how much differences grow: [n, 1, 1, 1]. */
  contrastFactor: Tensor;
}

/**
 * In training multiplies the differences from each channel's mean by a number from 1 − lower to 1 + upper, [lower, upper]
 * being the factor (of one number f: [0, f]); else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_contrast/
 */
export class RandomContrast extends FactorLayer<Contrast> {
  static readonly className: string = 'RandomContrast';

  constructor(...args: ColourArguments) {
    super('RandomContrast', [0, 1], args);
  }

  override getRandomTransformation(images: Tensor, training = true): Contrast | null {
    const [lower, upper] = this.factor;
    return training ? { contrastFactor: this.draw([images.dim(0), 1, 1, 1], [1 - lower, 1 + upper]) } : null;
  }

  protected override changed(images: Tensor, { contrastFactor }: Contrast): Tensor {
    const middle = ops.mean(images, [1, 2], { keepdims: true });
    return this.clipped(ops.add(ops.mul(ops.sub(images, middle), contrastFactor), middle));
  }
}

/** What {@link RandomBrightness} draws. */
export interface Brightness {
  /** What is added: [n, 1, 1, 1]. */
  rgbDelta: Tensor;
}

/**
 * In training adds to each image a part of the range of values; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [-1, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_brightness/
 */
export class RandomBrightness extends FactorLayer<Brightness> {
  static readonly className: string = 'RandomBrightness';

  constructor(...args: ColourArguments) {
    super('RandomBrightness', [-1, 1], args);
  }

  override getRandomTransformation(images: Tensor, training = true): Brightness | null {
    if (!training) return null;
    const [low, high] = this.valueRange;
    return { rgbDelta: ops.mul(this.draw([images.dim(0), 1, 1, 1], this.factor), high - low) };
  }

  protected override changed(images: Tensor, { rgbDelta }: Brightness): Tensor {
    return this.clipped(ops.add(images, rgbDelta));
  }
}

/** What {@link RandomHue}, {@link RandomSaturation}, {@link RandomSharpness} and {@link RandomColorDegeneration} draw. */
export interface ImageFactor {
  /** One number for each image: [n], or [n, 1, 1, 1] for {@link RandomColorDegeneration}. */
  factor: Tensor;
}

/**
 * In training turns the hue of each RGB image by up to half of the colour circle times the factor, in either direction;
 * else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_hue/
 */
export class RandomHue extends FactorLayer<ImageFactor> {
  static readonly className: string = 'RandomHue';

  constructor(...args: ColourArguments) {
    super('RandomHue', [0, 1], args);
  }

  override getRandomTransformation(images: Tensor, training = true): ImageFactor | null {
    if (!training) return null;
    const count = images.dim(0);
    const direction = ops.where(ops.greater(this.draw([count]), 0.5), -1, 1);
    return { factor: ops.mul(ops.mul(this.draw([count], this.factor), direction), 0.5) };
  }

  protected override changed(images: Tensor, { factor }: ImageFactor): Tensor {
    const hsv = ops.image.rgbToHsv(rescaled(images, this.valueRange, [0, 1]));
    const [hue, saturation, value] = ops.split(hsv, 3, -1) as [Tensor, Tensor, Tensor];
    const turned = ops.add(hue, perImage(factor));
    const below = ops.where(ops.greater(turned, 1), ops.sub(turned, 1), turned);
    const around = ops.where(ops.less(below, 0), ops.add(below, 1), below);
    const rgb = ops.image.hsvToRgb(ops.concat([around, saturation, value], -1));
    return rescaled(ops.clip(rgb, 0, 1), [0, 1], this.valueRange);
  }
}

/**
 * In training multiplies the saturation of each RGB image by f / (1 − f), f being the factor: 0.5 changes nothing, 0
 * gives grey; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [-1, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_saturation/
 */
export class RandomSaturation extends FactorLayer<ImageFactor> {
  static readonly className: string = 'RandomSaturation';

  constructor(...args: ColourArguments) {
    super('RandomSaturation', [-1, 1], args);
  }

  override getRandomTransformation(images: Tensor, training = true): ImageFactor | null {
    if (!training) return null;
    const drawn = this.draw([images.dim(0)], this.factor);
    return { factor: ops.div(drawn, ops.add(ops.sub(1, drawn), 1e-7)) };
  }

  protected override changed(images: Tensor, { factor }: ImageFactor): Tensor {
    const [hue, saturation, value] = ops.split(ops.image.rgbToHsv(images), 3, -1) as [Tensor, Tensor, Tensor];
    const scaled = this.clipped(ops.mul(saturation, perImage(factor)));
    return ops.image.hsvToRgb(ops.concat([hue, scaled, value], -1));
  }
}

/**
 * In training brings each RGB image a part of the way to grey; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [-1, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_color_degeneration/
 */
export class RandomColorDegeneration extends FactorLayer<ImageFactor> {
  static readonly className: string = 'RandomColorDegeneration';

  constructor(...args: ColourArguments) {
    super('RandomColorDegeneration', [-1, 1], args);
  }

  override getRandomTransformation(images: Tensor, training = true): ImageFactor | null {
    return training ? { factor: this.draw([images.dim(0), 1, 1, 1], this.factor) } : null;
  }

  protected override changed(images: Tensor, { factor }: ImageFactor): Tensor {
    const grey = ops.image.rgbToGrayscale(images);
    return this.clipped(ops.add(images, ops.mul(factor, ops.sub(grey, images))));
  }
}

/**
 * In training sharpens (factors above 0.5) or smooths (below) each image; else it does nothing. The output has the
 * input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_sharpness/
 */
export class RandomSharpness extends FactorLayer<ImageFactor> {
  static readonly className: string = 'RandomSharpness';

  constructor(...args: ColourArguments) {
    super('RandomSharpness', [0, 1], args);
  }

  override getRandomTransformation(images: Tensor, training = true): ImageFactor | null {
    return training ? { factor: this.draw([images.dim(0)], this.factor) } : null;
  }

  protected override changed(images: Tensor, { factor }: ImageFactor): Tensor {
    const [a, b] = [1 / 13, 5 / 13];
    const window = ops.reshape([a, a, a, a, b, a, a, a, a], [3, 3, 1, 1]);
    const kernel = ops.broadcastTo(window, [3, 3, images.dim(-1), 1]);
    const smooth = ops.depthwiseConv(images, kernel, { padding: 'same' });
    const amount = ops.sub(1, perImage(ops.mul(factor, 2)));
    return this.clipped(ops.add(images, ops.mul(amount, ops.sub(smooth, images))));
  }
}
