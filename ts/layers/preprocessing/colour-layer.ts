import * as ops from '../../ops/index.ts';
import type { Tensor } from '../../tensor.ts';
import { type Factor, type Range, valueRangeOf } from './factors.ts';
import { RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** Options of layers that change what pixels hold. */
export interface ColourLayerOptions extends RandomImageOptions {
  /** The least and the greatest value of a pixel, [0, 255] if left out. */
  valueRange?: readonly number[] | undefined;
}

/** Options of layers with a factor. */
export interface ColourFactorOptions extends ColourLayerOptions {
  /** How much: one number, or a range; each layer says within which bounds. */
  factor?: Factor | undefined;
}

/** The base of layers that change what the pixels of float images hold, one image at a time. */
export abstract class ColourLayer<T> extends RandomImageLayer<T> {
  readonly valueRange: Range;

  constructor(className: string, options: ColourLayerOptions) {
    super(options);
    this.valueRange = valueRangeOf(className, options.valueRange ?? [0, 255]);
  }

  /** Float images after what was drawn. */
  protected abstract changed(images: Tensor, transformation: T): Tensor;

  override transformImages(images: Tensor, transformation: T | null, training = true): Tensor {
    const floats = this.floats(images);
    return training && transformation !== null ? this.changed(floats, transformation) : floats;
  }

  /** Kept within the range of values. */
  protected clipped(images: Tensor): Tensor {
    return ops.clip(images, ...this.valueRange);
  }

  override getConfig(): object {
    return { ...super.getConfig(), valueRange: this.valueRange };
  }
}

/** Images with values of one range, brought to another. */
export function rescaled(images: Tensor, [from, to]: Range, [low, high]: Range): Tensor {
  if (from === low && to === high) return images;
  return ops.add(ops.mul(ops.div(ops.sub(images, from), to - from), high - low), low);
}
