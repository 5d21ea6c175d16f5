import { finite, oneOf } from '../../errors.ts';
import type { FillMode, Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import type { Tensor } from '../../tensor.ts';
import { RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** Options of layers that move pixels. */
export interface AffineLayerOptions extends RandomImageOptions {
  /** What stands outside an image: `'reflect'` if left out. */
  fillMode?: FillMode | undefined;
  /** `'bilinear'` if left out. */
  interpolation?: Interpolation | undefined;
  /** What stands outside with the fill mode `'constant'`, 0 if left out. */
  fillValue?: number | undefined;
}

const fillModes: readonly FillMode[] = ['reflect', 'wrap', 'constant', 'nearest', 'mirror'];

/** The base of layers whose pixels come from where an affine transform says. */
export abstract class AffineLayer<T> extends RandomImageLayer<T> {
  readonly fillMode: FillMode;
  readonly interpolation: Interpolation;
  readonly fillValue: number;

  constructor(className: string, options: AffineLayerOptions) {
    super(options);
    this.fillMode = oneOf(className, 'fillMode', options.fillMode ?? 'reflect', fillModes);
    this.interpolation = oneOf(className, 'interpolation', options.interpolation ?? 'bilinear', [
      'nearest',
      'bilinear',
    ]);
    this.fillValue = finite(className, 'fillValue', options.fillValue ?? 0);
  }

  /** The transforms [n, 8] that `ops.image.affineTransform` takes, for images of a size. */
  protected abstract matrices(transformation: T, height: number, width: number): Tensor;

  override transformImages(images: Tensor, transformation: T | null, training = true): Tensor {
    return this.#moved(this.floats(images), transformation, training, this.interpolation);
  }

  override transformSegmentationMasks(masks: Tensor, transformation: T | null, training = true): Tensor {
    return this.#moved(masks, transformation, training, 'nearest');
  }

  #moved(images: Tensor, transformation: T | null, training: boolean, interpolation: Interpolation): Tensor {
    if (!training || transformation === null) return images;
    const matrices = this.matrices(transformation, images.dim(1), images.dim(2));
    const { fillMode, fillValue } = this;
    return ops.image.affineTransform(images, matrices, { interpolation, fillMode, fillValue });
  }

  override getConfig(): object {
    const { fillMode, interpolation, fillValue } = this;
    return { ...super.getConfig(), fillMode, interpolation, fillValue };
  }
}

/** Transforms [n, 8] from their elements, each a number or a tensor [n, 1]; `like` is such a tensor. */
export function rows(like: Tensor, elements: readonly (number | Tensor)[]): Tensor {
  const zero = ops.mul(like, 0);
  return ops.concat(
    elements.map((element) => ops.add(zero, element)),
    1,
  );
}
