import { oneOf } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** In which directions {@link RandomFlip} flips. */
export type FlipMode = 'horizontal' | 'vertical' | 'horizontalAndVertical';

/** Options of {@link RandomFlip}. */
export interface RandomFlipOptions extends RandomImageOptions {
  /** `'horizontalAndVertical'` if left out: half of the images are flipped both ways, as in Keras. */
  mode?: FlipMode | undefined;
}

/** What {@link RandomFlip} draws. */
export interface Flips {
  /** Whether an image is flipped: bool [n, 1, 1, 1]. */
  flips: Tensor;
}

const modes: readonly FlipMode[] = ['horizontal', 'vertical', 'horizontalAndVertical'];

/**
 * In training flips half of the images; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown mode
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_flip/
 */
export class RandomFlip extends RandomImageLayer<Flips> {
  static readonly className: string = 'RandomFlip';
  readonly mode: FlipMode;

  constructor(
    mode?: FlipMode | RandomFlipOptions,
    seed?: number | null | RandomFlipOptions,
    options?: RandomFlipOptions,
  ) {
    const read = readOptions<RandomFlipOptions>('RandomFlip', ['mode', 'seed', ...layerOptions], [mode, seed, options]);
    super(read);
    this.mode = oneOf('RandomFlip', 'mode', read.mode ?? 'horizontalAndVertical', modes);
  }

  override getRandomTransformation(images: Tensor, training = true): Flips | null {
    return training ? { flips: ops.lessEqual(this.draw([images.dim(0), 1, 1, 1]), 0.5) } : null;
  }

  override transformImages(images: Tensor, transformation: Flips | null, training = true): Tensor {
    const floats = this.floats(images);
    if (!training || transformation === null) return floats;
    const axes = { horizontal: [-2], vertical: [-3], horizontalAndVertical: [-2, -3] }[this.mode];
    return ops.where(transformation.flips, ops.flip(floats, axes), floats);
  }

  override transformSegmentationMasks(masks: Tensor, transformation: Flips | null, training = true): Tensor {
    return this.transformImages(masks, transformation, training);
  }

  override getConfig(): object {
    return { ...super.getConfig(), mode: this.mode };
  }
}
