import { finite, flag, oneOf } from '../../errors.ts';
import { type ResizeInterpolation, resizeInterpolations } from '../../ops/image/resize.ts';
import * as ops from '../../ops/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { ImageLayer } from './image-layer.ts';

/** Options of {@link CenterCrop}. */
export interface CenterCropOptions extends LayerOptions {
  /** The new height. */
  height?: number | undefined;
  /** The new width. */
  width?: number | undefined;
}

/** Options of {@link Resizing}. */
export interface ResizingOptions extends CenterCropOptions {
  /** `'bilinear'` if left out. */
  interpolation?: ResizeInterpolation | undefined;
  /** Cuts off what has another aspect ratio than the new size, `false` if left out. */
  cropToAspectRatio?: boolean | undefined;
  /** Fills up to the aspect ratio of the new size, `false` if left out. */
  padToAspectRatio?: boolean | undefined;
  /** What it is filled with; there is only `'constant'`. */
  fillMode?: 'constant' | undefined;
  /** The constant, 0 if left out. */
  fillValue?: number | undefined;
  /** Whether pixels are averaged where an image shrinks, `false` if left out. */
  antialias?: boolean | undefined;
}

const resizingNames = [
  'height',
  'width',
  'interpolation',
  'cropToAspectRatio',
  'padToAspectRatio',
  'fillMode',
  'fillValue',
  'antialias',
  ...layerOptions,
] as const;

/**
 * Images of another size, in training and outside: [batch, height, width, channels], or one image, of the input's dtype.
 *
 * @throws FoveaError `BAD_ARGUMENT` for sizes below 1 or an unknown interpolation
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/
 */
export class Resizing extends ImageLayer {
  static readonly className: string = 'Resizing';
  readonly height: number;
  readonly width: number;
  readonly interpolation: ResizeInterpolation;
  readonly cropToAspectRatio: boolean;
  readonly padToAspectRatio: boolean;
  readonly fillMode: 'constant';
  readonly fillValue: number;
  readonly antialias: boolean;

  constructor(
    height: number | ResizingOptions,
    width?: number | ResizingOptions,
    interpolation?: ResizeInterpolation | ResizingOptions,
    options?: ResizingOptions,
  ) {
    const read = readOptions<ResizingOptions>('Resizing', resizingNames, [height, width, interpolation, options]);
    super(read);
    this.height = positiveInteger('Resizing', 'height', read.height);
    this.width = positiveInteger('Resizing', 'width', read.width);
    this.interpolation = oneOf('Resizing', 'interpolation', read.interpolation ?? 'bilinear', resizeInterpolations);
    this.cropToAspectRatio = flag('Resizing', 'cropToAspectRatio', read.cropToAspectRatio ?? false);
    this.padToAspectRatio = flag('Resizing', 'padToAspectRatio', read.padToAspectRatio ?? false);
    this.fillMode = oneOf('Resizing', 'fillMode', read.fillMode ?? 'constant', ['constant']);
    this.fillValue = finite('Resizing', 'fillValue', read.fillValue ?? 0);
    this.antialias = flag('Resizing', 'antialias', read.antialias ?? false);
    this.built = true;
  }

  protected override typed(images: Tensor): Tensor {
    const known = images.shape.slice(-3, -1).every((side) => side !== null);
    return known ? this.transformImages(images) : ops.image.resize(images, [this.height, this.width]);
  }

  override transformImages(images: Tensor): Tensor {
    return this.#resized(images, this.interpolation);
  }

  override transformSegmentationMasks(masks: Tensor): Tensor {
    return this.#resized(masks, 'nearest');
  }

  #resized(images: Tensor, interpolation: ResizeInterpolation): Tensor {
    const { cropToAspectRatio, padToAspectRatio, fillValue, antialias } = this;
    const options = { interpolation, cropToAspectRatio, padToAspectRatio, fillValue, antialias };
    return ops.image.resize(images, [this.height, this.width], options);
  }

  override getConfig(): object {
    const { height, width, interpolation, cropToAspectRatio, padToAspectRatio, fillMode, fillValue, antialias } = this;
    const own = { height, width, interpolation, cropToAspectRatio, padToAspectRatio, fillMode, fillValue, antialias };
    return { ...super.getConfig(), ...own };
  }
}

/**
 * The middle of images, in training and outside; images that are too small are cut to the aspect ratio and enlarged.
 * Output [batch, height, width, channels], or one image.
 *
 * @throws FoveaError `BAD_ARGUMENT` for sizes below 1
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/center_crop/
 */
export class CenterCrop extends ImageLayer {
  static readonly className: string = 'CenterCrop';
  readonly height: number;
  readonly width: number;

  constructor(height: number | CenterCropOptions, width?: number | CenterCropOptions, options?: CenterCropOptions) {
    const names = ['height', 'width', ...layerOptions] as const;
    const read = readOptions<CenterCropOptions>('CenterCrop', names, [height, width, options]);
    super(read);
    this.height = positiveInteger('CenterCrop', 'height', read.height);
    this.width = positiveInteger('CenterCrop', 'width', read.width);
    this.built = true;
  }

  protected override typed(images: Tensor): Tensor {
    const known = images.shape.slice(-3, -1).every((side) => side !== null);
    return known ? this.transformImages(images) : ops.image.resize(this.floats(images), [this.height, this.width]);
  }

  override transformImages(images: Tensor): Tensor {
    const { height, width } = this;
    const floats = this.floats(images);
    const [top, left] = [floats.dim(-3) - height, floats.dim(-2) - width].map((n) => Math.floor(n / 2));
    if (top! < 0 || left! < 0) return ops.image.resize(floats, [height, width], { cropToAspectRatio: true });
    return ops.image.cropImages(floats, {
      topCropping: top!,
      leftCropping: left!,
      targetHeight: height,
      targetWidth: width,
    });
  }

  override transformSegmentationMasks(masks: Tensor): Tensor {
    return this.transformImages(masks);
  }

  override getConfig(): object {
    return { ...super.getConfig(), height: this.height, width: this.width };
  }
}
