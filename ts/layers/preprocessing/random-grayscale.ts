import * as ops from '../../ops/index.ts';
import { numberWithin, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** Options of {@link RandomGrayscale}. */
export interface RandomGrayscaleOptions extends RandomImageOptions {
  /** With which probability an image becomes grey, 0.5 if left out. */
  factor?: number | undefined;
}

/**
 * In training makes some RGB images grey, in all their channels; else it does nothing. The output has the input's shape.
 * What it draws is whether, bool [n, 1, 1, 1].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor that is not from 0 to 1
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_grayscale/
 */
export class RandomGrayscale extends RandomImageLayer<Tensor> {
  static readonly className: string = 'RandomGrayscale';
  readonly factor: number;

  constructor(
    factor?: number | RandomGrayscaleOptions,
    seed?: number | null | RandomGrayscaleOptions,
    options?: RandomGrayscaleOptions,
  ) {
    const names = ['factor', 'seed', ...layerOptions] as const;
    const read = readOptions<RandomGrayscaleOptions>('RandomGrayscale', names, [factor, seed, options]);
    super(read);
    this.factor = numberWithin('RandomGrayscale', 'factor', read.factor ?? 0.5, 0, 1);
  }

  override getRandomTransformation(images: Tensor, training = true): Tensor | null {
    return training ? ops.less(this.draw([images.dim(0), 1, 1, 1]), this.factor) : null;
  }

  override transformImages(images: Tensor, transformation: Tensor | null, training = true): Tensor {
    const floats = this.floats(images);
    if (!training || transformation === null) return floats;
    return ops.where(transformation, ops.image.rgbToGrayscale(floats), floats);
  }

  /** The options that make an equal layer: as in Keras, without the seed. */
  override getConfig(): object {
    const { seed, ...config } = super.getConfig() as { seed: number | null };
    return { ...config, factor: this.factor };
  }
}
