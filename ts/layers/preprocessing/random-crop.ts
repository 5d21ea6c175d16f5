import * as ops from '../../ops/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import { arange, type Tensor } from '../../tensor.ts';
import { calledAlone } from '../context.ts';
import { layerOptions } from '../options.ts';
import { RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions extends RandomImageOptions {
  /** The new height. */
  height?: number | undefined;
  /** The new width. */
  width?: number | undefined;
}

/** Where {@link RandomCrop} begins to cut: two numbers, or int32 tensors []. */
export type CropStart = readonly [top: number | Tensor, left: number | Tensor];

/**
 * In training a random part of each batch, [batch, height, width, channels]; images that are not larger in both
 * directions are cut to what there is and resized. Else images stay as they are, of their own size; their dtype stays
 * too if the layer is called on its own, while a model gets what it was built for, the layer's dtype.
 *
 * @throws FoveaError `BAD_ARGUMENT` for sizes below 1
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_crop/
 */
export class RandomCrop extends RandomImageLayer<CropStart> {
  static readonly className: string = 'RandomCrop';
  readonly height: number;
  readonly width: number;

  constructor(
    height: number | RandomCropOptions,
    width?: number | RandomCropOptions,
    seed?: number | null | RandomCropOptions,
    options?: RandomCropOptions,
  ) {
    const names = ['height', 'width', 'seed', ...layerOptions] as const;
    const read = readOptions<RandomCropOptions>('RandomCrop', names, [height, width, seed, options]);
    super(read);
    this.height = positiveInteger('RandomCrop', 'height', read.height);
    this.width = positiveInteger('RandomCrop', 'width', read.width);
  }

  protected override typed(images: Tensor): Tensor {
    return ops.image.resize(this.floats(images), [this.height, this.width]);
  }

  override getRandomTransformation(images: Tensor, training = true): CropStart | null {
    if (!training) return null;
    const [height, width] = [images.dim(1), images.dim(2)];
    const below = (n: number) => ops.cast(this.draw([], [0, n + 1]), 'int32');
    if (height > this.height && width > this.width) return [below(height - this.height), below(width - this.width)];
    const part = (own: number, other: number, a: number, b: number) =>
      Math.max(Math.min(own, Math.trunc((other * a) / b)), 1);
    const middle = (own: number, taken: number) => Math.trunc((own - taken) / 2);
    return [
      middle(height, part(height, width, this.height, this.width)),
      middle(width, part(width, height, this.width, this.height)),
    ];
  }

  override transformImages(images: Tensor, transformation: CropStart | null, training = true): Tensor {
    if (!training || transformation === null) return calledAlone() && !images.symbolic ? images : this.floats(images);
    const floats = this.floats(images);
    const [top, left] = transformation;
    const cut = taken(taken(floats, 1, top, this.height), 2, left, this.width);
    const fits = cut.dim(1) === this.height && cut.dim(2) === this.width;
    return fits ? cut : ops.image.resize(cut, [this.height, this.width]);
  }

  override transformSegmentationMasks(masks: Tensor, transformation: CropStart | null, training = true): Tensor {
    return this.transformImages(masks, transformation, training);
  }

  override getConfig(): object {
    return { ...super.getConfig(), height: this.height, width: this.width };
  }
}

/** So many elements along an axis, as far as there are: from a place that may be drawn. */
function taken(x: Tensor, axis: number, start: number | Tensor, count: number): Tensor {
  const size = typeof start === 'number' ? Math.min(count, x.dim(axis) - start) : count;
  return ops.gather(x, ops.add(arange(size, { dtype: 'int32' }), start), axis);
}
