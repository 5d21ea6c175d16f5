import { finite, oneOf } from '../../errors.ts';
import type { Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import { numberWithin, readOptions } from '../../options.ts';
import { type Tensor, tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { type Factor, factorOf, type Range } from './factors.ts';
import { perImage, RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** Options of {@link RandomPerspective}. */
export interface RandomPerspectiveOptions extends RandomImageOptions {
  /** With which probability an image is changed, from 0 to 1: one number for everything up to it, or a range; 1 if left out. */
  factor?: Factor | undefined;
  /** How far corners move, from 0 to 1; 1 if left out. */
  scale?: number | undefined;
  /** `'bilinear'` if left out. */
  interpolation?: Interpolation | undefined;
  /** What stands outside of an image, 0 if left out. */
  fillValue?: number | undefined;
}

/** What {@link RandomPerspective} draws. */
export interface Perspective {
  /** Whether an image is changed: bool [n]. */
  applyPerspective: Tensor;
  /** The corners: [n, 4, 2], as (x, y). */
  startPoints: Tensor;
  /** Where they come to lie: [n, 4, 2]. */
  endPoints: Tensor;
}

const names = ['factor', 'scale', 'interpolation', 'fillValue', 'seed', ...layerOptions] as const;

/**
 * In training looks at some images from another angle; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor or scale out of [0, 1], or an unknown interpolation
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_perspective/
 */
export class RandomPerspective extends RandomImageLayer<Perspective> {
  static readonly className: string = 'RandomPerspective';
  readonly factor: Range;
  readonly scale: number;
  readonly interpolation: Interpolation;
  readonly fillValue: number;

  constructor(
    factor?: Factor | RandomPerspectiveOptions,
    scale?: number | RandomPerspectiveOptions,
    interpolation?: Interpolation | RandomPerspectiveOptions,
    fillValue?: number | RandomPerspectiveOptions,
    seed?: number | null | RandomPerspectiveOptions,
    options?: RandomPerspectiveOptions,
  ) {
    const given = [factor, scale, interpolation, fillValue, seed, options];
    const read = readOptions<RandomPerspectiveOptions>('RandomPerspective', names, given);
    super(read);
    this.factor = factorOf('RandomPerspective', 'factor', read.factor ?? 1, [0, 1]);
    this.scale = numberWithin('RandomPerspective', 'scale', read.scale ?? 1, 0, 1);
    const interpolations = ['nearest', 'bilinear'] as const;
    this.interpolation = oneOf('RandomPerspective', 'interpolation', read.interpolation ?? 'bilinear', interpolations);
    this.fillValue = finite('RandomPerspective', 'fillValue', read.fillValue ?? 0);
  }

  override getRandomTransformation(images: Tensor, training = true): Perspective | null {
    if (!training) return null;
    const [count, bottom, right] = [images.dim(0), images.dim(1) - 1, images.dim(2) - 1];
    const applyPerspective = this.drawWhether(count, this.factor);
    const moves = this.draw([count, 4, 2], [-0.5 * this.scale, 0.5 * this.scale]);
    const corners = tensor([
      [0, 0],
      [right, 0],
      [0, bottom],
      [right, bottom],
    ]);
    const startPoints = ops.broadcastTo(corners, [count, 4, 2]);
    return { applyPerspective, startPoints, endPoints: ops.add(startPoints, ops.mul(startPoints, moves)) };
  }

  override transformImages(images: Tensor, transformation: Perspective | null, training = true): Tensor {
    return this.#seen(this.floats(images), transformation, training, this.interpolation);
  }

  override transformSegmentationMasks(masks: Tensor, transformation: Perspective | null, training = true): Tensor {
    return this.#seen(masks, transformation, training, 'nearest');
  }

  #seen(images: Tensor, drawn: Perspective | null, training: boolean, interpolation: Interpolation): Tensor {
    if (!training || drawn === null) return images;
    const { applyPerspective, startPoints, endPoints } = drawn;
    const { fillValue } = this;
    const moved = ops.image.perspectiveTransform(images, startPoints, endPoints, { interpolation, fillValue });
    return ops.where(perImage(applyPerspective), moved, images);
  }

  override getConfig(): object {
    const { factor, scale, interpolation, fillValue } = this;
    return { ...super.getConfig(), factor, scale, interpolation, fillValue };
  }
}
