import { badArgument, oneOf, shown } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { resizeInterpolations } from '../../ops/image/resize.ts';
import { cast, image, repeat } from '../../ops/index.ts';
import { type ListBeside, positiveInteger, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** One positive whole number for all axes, or one for each. */
function factorsOf(where: string, size: unknown, axes: number): readonly number[] {
  const each: unknown[] = Array.isArray(size) ? size : Array(axes).fill(size);
  if (each.length === axes && each.every((n) => Number.isInteger(n) && (n as number) > 0)) return each as number[];
  throw badArgument(where, `size must be a positive whole number or ${axes} of them; received ${shown(size)}.`);
}

/** Each value so many times in a row along an axis. */
function repeated(x: Tensor, times: number, axis: number): Tensor {
  if (times === 1) return x;
  if (!x.shape.slice(1).includes(null)) return repeat(x, times, axis);
  // Such sides are unknown only while a model is built, when types count and nothing else: padding has the same one.
  const low = x.shape.map(() => 0);
  const more = low.with(axis, times - 1);
  return apply('pad', { low, high: more, interior: more, value: 0 }, [x])[0]!;
}

/** What layers that repeat values along the axes of space share. */
abstract class UpSampling extends Layer {
  readonly #factors: readonly number[];

  constructor(options: LayerOptions, factors: readonly number[]) {
    super(options);
    this.#factors = factors;
  }

  override call(x: Tensor): Tensor {
    checkSpace(this, x.shape, this.#factors.length);
    const larger = this.#factors.reduce((y, times, index) => repeated(y, times, index + 1), x);
    // Another tensor even if nothing is repeated: the input's mask does not go with it.
    return larger === x ? cast(x, x.dtype) : larger;
  }
}

/** Options of {@link UpSampling1D}. */
export interface UpSampling1DOptions extends LayerOptions {
  /** How often each step comes, 2 if left out. */
  size?: number | undefined;
}

/**
 * Each step several times: [batch, steps, channels] to [batch, steps · size, channels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a size below 1; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/reshaping_layers/up_sampling1d/
 */
export class UpSampling1D extends UpSampling {
  static readonly className: string = 'UpSampling1D';
  readonly size: number;

  constructor(size?: number | UpSampling1DOptions, options?: UpSampling1DOptions) {
    const read = readOptions<UpSampling1DOptions>('UpSampling1D', ['size', ...layerOptions], [size, options]);
    const times = positiveInteger('UpSampling1D', 'size', read.size ?? 2);
    super(read, [times]);
    this.size = times;
  }

  override getConfig(): object {
    return { ...super.getConfig(), size: this.size };
  }
}

/** Options of {@link UpSampling2D}. */
export interface UpSampling2DOptions extends LayerOptions {
  /** How much larger: one number, or [height, width]; 2 if left out. */
  size?: number | readonly number[] | undefined;
  /** What comes between pixels: `'nearest'`, which repeats them, if left out. */
  interpolation?: image.ResizeInterpolation | undefined;
}

const names = ['size', 'interpolation', ...layerOptions] as const;

/**
 * Larger images: [batch, height, width, channels] to [batch, height · size, width · size, channels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a size below 1 or an unknown interpolation; `SHAPE_MISMATCH` for an input of
 * another rank
 * @see https://keras.io/api/layers/reshaping_layers/up_sampling2d/
 */
export class UpSampling2D extends UpSampling {
  static readonly className: string = 'UpSampling2D';
  readonly size: readonly number[];
  readonly interpolation: image.ResizeInterpolation;

  constructor(
    size?: number | ListBeside<UpSampling2DOptions> | UpSampling2DOptions,
    interpolation?: image.ResizeInterpolation | UpSampling2DOptions,
    options?: UpSampling2DOptions,
  ) {
    const read = readOptions<UpSampling2DOptions>('UpSampling2D', names, [size, interpolation, options]);
    const factors = factorsOf('UpSampling2D', read.size ?? 2, 2);
    super(read, factors);
    this.size = factors;
    const kind = read.interpolation ?? 'nearest';
    this.interpolation = oneOf('UpSampling2D', 'interpolation', kind, resizeInterpolations);
  }

  override call(x: Tensor): Tensor {
    const { interpolation } = this;
    const [height, width] = this.size as [number, number];
    const [, h, w] = x.shape;
    if (interpolation === 'nearest' || x.rank !== 4 || h === null || w === null) return super.call(x);
    return image.resize(x, [height * h!, width * w!], { interpolation });
  }

  override getConfig(): object {
    return { ...super.getConfig(), size: this.size, interpolation: this.interpolation };
  }
}

/** Options of {@link UpSampling3D}. */
export interface UpSampling3DOptions extends LayerOptions {
  /** How often each value comes: one number, or [depth, height, width]; 2 if left out. */
  size?: number | readonly number[] | undefined;
}

/**
 * Each value several times along each axis: [batch, depth, height, width, channels] to
 * [batch, depth · size, height · size, width · size, channels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for a size below 1; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/reshaping_layers/up_sampling3d/
 */
export class UpSampling3D extends UpSampling {
  static readonly className: string = 'UpSampling3D';
  readonly size: readonly number[];

  constructor(size?: number | ListBeside<UpSampling3DOptions> | UpSampling3DOptions, options?: UpSampling3DOptions) {
    const read = readOptions<UpSampling3DOptions>('UpSampling3D', ['size', ...layerOptions], [size, options]);
    const factors = factorsOf('UpSampling3D', read.size ?? 2, 3);
    super(read, factors);
    this.size = factors;
  }

  override getConfig(): object {
    return { ...super.getConfig(), size: this.size };
  }
}
