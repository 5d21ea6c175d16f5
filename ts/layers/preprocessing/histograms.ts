import { apply } from '../../ops/apply.ts';
import * as ops from '../../ops/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import { ones, type Tensor } from '../../tensor.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { rescaled } from './colour-layer.ts';
import { type Range, valueRangeOf } from './factors.ts';
import { ImageLayer } from './image-layer.ts';

/** Options of {@link AutoContrast}. */
export interface AutoContrastOptions extends LayerOptions {
  /** The least and the greatest value of a pixel, [0, 255] if left out. */
  valueRange?: readonly number[] | undefined;
}

/**
 * Stretches each channel of each image over the whole range of values, in training and outside; a channel of one value
 * stays. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a range that is not two numbers
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/auto_contrast/
 */
export class AutoContrast extends ImageLayer {
  static readonly className: string = 'AutoContrast';
  readonly valueRange: Range;

  constructor(valueRange?: readonly number[] | AutoContrastOptions, options?: AutoContrastOptions) {
    const names = ['valueRange', ...layerOptions] as const;
    const read = readOptions<AutoContrastOptions>('AutoContrast', names, [valueRange, options]);
    super(read);
    this.valueRange = valueRangeOf('AutoContrast', read.valueRange ?? [0, 255]);
    this.built = true;
  }

  override transformImages(images: Tensor): Tensor {
    const given = this.floats(images);
    const x = rescaled(given, this.valueRange, [0, 255]);
    const low = ops.min(x, [1, 2], { keepdims: true });
    const range = ops.sub(ops.max(x, [1, 2], { keepdims: true }), low);
    const flat = ops.equal(range, 0);
    const scale = ops.div(255, ops.where(flat, 1, range));
    const stretched = ops.clip(ops.sub(ops.mul(x, scale), ops.mul(low, scale)), 0, 255);
    return ops.where(flat, given, rescaled(stretched, [0, 255], this.valueRange));
  }

  override getConfig(): object {
    return { ...super.getConfig(), valueRange: this.valueRange };
  }
}

/** Options of {@link Equalization}. */
export interface EqualizationOptions extends AutoContrastOptions {
  /** How many bins the histogram has, 256 if left out. */
  bins?: number | undefined;
}

/**
 * In training spreads the values of each channel evenly over the range, by the histogram of the whole batch; else it does
 * nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a range that is not two numbers
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/equalization/
 */
export class Equalization extends ImageLayer {
  static readonly className: string = 'Equalization';
  readonly valueRange: Range;
  readonly bins: number;

  constructor(
    valueRange?: readonly number[] | EqualizationOptions,
    bins?: number | EqualizationOptions,
    options?: EqualizationOptions,
  ) {
    const names = ['valueRange', 'bins', ...layerOptions] as const;
    const read = readOptions<EqualizationOptions>('Equalization', names, [valueRange, bins, options]);
    super(read);
    this.valueRange = valueRangeOf('Equalization', read.valueRange ?? [0, 255]);
    this.bins = positiveInteger('Equalization', 'bins', read.bins ?? 256);
    this.built = true;
  }

  override transformImages(images: Tensor, _transformation: null = null, training = true): Tensor {
    const floats = this.floats(images);
    if (!training) return floats;
    const x = rescaled(floats, this.valueRange, [0, 255]);
    const channels = ops.split(x, x.dim(-1), -1).map((channel) => equalized(channel, this.bins));
    return rescaled(ops.concat(channels, -1), [0, 255], this.valueRange);
  }

  override getConfig(): object {
    return { ...super.getConfig(), bins: this.bins, valueRange: this.valueRange };
  }
}

/** A channel whose values are spread evenly over 0 … 255. */
function equalized(channel: Tensor, bins: number): Tensor {
  const last = bins - 1;
  const flat = ops.flatten(channel);
  const counted = ops.clip(ops.cast(ops.div(ops.mul(flat, last), 255), 'int32'), 0, last);
  const histogram = apply('scatterAdd', { axis: 0, size: bins }, [ones([flat.size]), counted])[0]!;
  const below = ops.cumsum(histogram, 0);
  const first = ops.min(ops.where(ops.greater(below, 0), below, Infinity));
  const rest = ops.sub(flat.size, first);
  const shares = ops.div(ops.mul(ops.sub(below, first), 255), ops.where(ops.equal(rest, 0), 1, rest));
  const table = ops.clip(ops.round(shares), 0, 255);
  const places = ops.cast(ops.clip(ops.mul(ops.div(channel, 255), last), 0, last), 'int32');
  const several = ops.greater(ops.countNonzero(histogram), 1);
  return ops.where(several, ops.gather(table, places), channel);
}
