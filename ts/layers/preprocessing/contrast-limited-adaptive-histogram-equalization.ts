import { finite } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import * as ops from '../../ops/index.ts';
import { readOptions, sizes } from '../../options.ts';
import { ones, type Tensor, tensor } from '../../tensor.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { rescaled } from './colour-layer.ts';
import { type Range, valueRangeOf } from './factors.ts';
import { ImageLayer } from './image-layer.ts';

/** Options of {@link ContrastLimitedAdaptiveHistogramEqualization}. */
export interface ContrastLimitedAdaptiveHistogramEqualizationOptions extends LayerOptions {
  /** The least and the greatest value of a pixel, [0, 255] if left out. */
  valueRange?: readonly number[] | undefined;
  /** How often, for each time on average, a value may count in its tile, 4 if left out; no limit from 0 down. */
  clipLimit?: number | undefined;
  /** Into how many tiles an image falls along height and width, [8, 8] if left out. */
  tileGridSize?: number | readonly [number, number] | undefined;
}

const className = 'ContrastLimitedAdaptiveHistogramEqualization';
const names = ['valueRange', 'clipLimit', 'tileGridSize', ...layerOptions] as const;
const levels = 256;

/**
 * Spreads the values of each channel evenly over the range tile by tile (CLAHE), in training and outside: a pixel takes
 * what the histograms of the four tiles around it say, weighted by their distance. The output has the input's shape and
 * dtype.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a range that is not two numbers
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 */
export class ContrastLimitedAdaptiveHistogramEqualization extends ImageLayer {
  static readonly className: string = className;
  readonly valueRange: Range;
  readonly clipLimit: number;
  readonly tileGridSize: readonly [rows: number, columns: number];

  constructor(
    valueRange?: readonly number[] | ContrastLimitedAdaptiveHistogramEqualizationOptions,
    clipLimit?: number | ContrastLimitedAdaptiveHistogramEqualizationOptions,
    tileGridSize?: number | readonly [number, number] | ContrastLimitedAdaptiveHistogramEqualizationOptions,
    options?: ContrastLimitedAdaptiveHistogramEqualizationOptions,
  ) {
    const given = [valueRange, clipLimit, tileGridSize, options];
    const read = readOptions<ContrastLimitedAdaptiveHistogramEqualizationOptions>(className, names, given);
    super(read);
    this.valueRange = valueRangeOf(className, read.valueRange ?? [0, 255]);
    this.clipLimit = finite(className, 'clipLimit', read.clipLimit ?? 4);
    this.tileGridSize = sizes(className, 'tileGridSize', read.tileGridSize ?? [8, 8]);
    this.built = true;
  }

  protected override typed(images: Tensor): Tensor {
    return images;
  }

  override transformImages(images: Tensor): Tensor {
    const x = rescaled(this.floats(images), this.valueRange, [0, levels - 1]);
    const pixels = ops.cast(ops.clip(x, 0, levels - 1), 'int32');
    const equalized = rescaled(this.#equalized(pixels), [0, levels - 1], this.valueRange);
    return ops.cast(equalized, images.dtype);
  }

  /** Pixels [n, h, w, c] of 0 … 255 as the tables of the tiles around them have it, float32. */
  #equalized(pixels: Tensor): Tensor {
    const [batch, height, width, channels] = sidesOf(pixels);
    const [rows, columns] = this.tileGridSize;
    const tables = ops.flatten(this.#tables(pixels));
    const image = along(range(batch), 0, rows * columns * channels);
    const channel = along(range(channels), 3, 1);
    const [down, across] = [around(height, rows), around(width, columns)];
    const read = (row: readonly number[], column: readonly number[]): Tensor => {
      const tile = ops.add(along(row, 1, columns * channels), along(column, 2, channels));
      const table = ops.add(ops.add(image, tile), channel);
      return ops.gather(tables, ops.add(ops.mul(table, levels), pixels));
    };
    const between = (from: Tensor, to: Tensor, share: Tensor) =>
      ops.add(ops.mul(from, ops.sub(1, share)), ops.mul(to, share));
    const share = ops.reshape(tensor(across.share), [1, 1, -1, 1]);
    const line = (row: readonly number[]) => between(read(row, across.before), read(row, across.after), share);
    return between(line(down.before), line(down.after), ops.reshape(tensor(down.share), [1, -1, 1, 1]));
  }

  /** What each tile makes of each value: float32 [n · rows · columns · c, 256]. */
  #tables(pixels: Tensor): Tensor {
    const [batch, height, width, channels] = sidesOf(pixels);
    const [rows, columns] = this.tileGridSize;
    const [tall, wide] = [Math.ceil(height / rows), Math.ceil(width / columns)];
    const whole = mirrored(mirrored(pixels, 1, rows * tall), 2, columns * wide);
    const apart = ops.reshape(whole, [batch, rows, tall, columns, wide, channels]);
    const [count, size] = [batch * rows * columns * channels, tall * wide];
    const tiles = ops.reshape(ops.transpose(apart, [0, 1, 3, 5, 2, 4]), [count, size]);
    const bins = ops.flatten(ops.add(tiles, ops.reshape(ops.mul(ops.arange(count), levels), [count, 1])));
    const counted = apply('scatterAdd', { axis: 0, size: count * levels }, [ones([count * size]), bins])[0]!;
    const below = ops.cumsum(this.#limited(ops.reshape(counted, [count, levels]), size), -1);
    const least = ops.min(below, -1, { keepdims: true });
    const rest = ops.sub(size, least);
    const shares = ops.div(ops.mul(ops.sub(below, least), levels - 1), ops.where(ops.equal(rest, 0), 1, rest));
    return ops.clip(shares, 0, levels - 1);
  }

  /** Histograms whose counts are cut at the limit; what is cut off is shared by all. */
  #limited(histograms: Tensor, size: number): Tensor {
    if (this.clipLimit <= 0) return histograms;
    const clipped = ops.minimum(histograms, (this.clipLimit * size) / levels);
    const excess = ops.sum(ops.sub(histograms, clipped), -1, { keepdims: true });
    return ops.add(clipped, ops.div(excess, levels));
  }

  override getConfig(): object {
    const { valueRange, clipLimit, tileGridSize } = this;
    return { ...super.getConfig(), valueRange, clipLimit, tileGridSize };
  }
}

type Sides = [batch: number, height: number, width: number, channels: number];

const sidesOf = (images: Tensor): Sides => [images.dim(0), images.dim(1), images.dim(2), images.dim(3)];

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Numbers along one of four axes, each so many times: int32. */
function along(numbers: readonly number[], axis: number, times: number): Tensor {
  const multiples = tensor(Int32Array.from(numbers, (n) => n * times));
  return ops.reshape(multiples, [1, 1, 1, 1].with(axis, -1));
}

/** For each of `n` pixels along an axis the tiles whose middles are before and behind it, and how near the latter is. */
function around(n: number, tiles: number): { before: number[]; after: number[]; share: number[] } {
  const size = Math.ceil(n / tiles);
  const places = range(n).map((i) => (i - size / 2) / size);
  // Outside of the outermost middles there is one tile alone.
  const known = (tile: number) => Math.min(Math.max(tile, 0), tiles - 1);
  return {
    before: places.map((place) => known(Math.floor(place))),
    after: places.map((place) => known(Math.floor(place) + 1)),
    share: places.map((place) => place - Math.floor(place)),
  };
}

/** An axis made longer by its own pixels, from the last one backwards. */
function mirrored(images: Tensor, axis: number, length: number): Tensor {
  const side = images.dim(axis);
  if (side === length) return images;
  const index = range(length).map((i) => Math.min(i % (2 * side), 2 * side - 1 - (i % (2 * side))));
  return ops.gather(images, tensor(Int32Array.from(index)), axis);
}
