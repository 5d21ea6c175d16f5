import { pad } from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { type Sides, sidesOf } from './sides.ts';

/** What layers that put zeros around their input share. */
abstract class ZeroPadding extends Layer {
  readonly #sides: Sides;

  constructor(options: LayerOptions, sides: Sides) {
    super(options);
    this.#sides = sides;
  }

  override call(x: Tensor): Tensor {
    checkSpace(this, x.shape, this.#sides.length);
    return pad(x, [[0, 0], ...this.#sides, [0, 0]]);
  }
}

/** Options of {@link ZeroPadding1D}. */
export interface ZeroPadding1DOptions extends LayerOptions {
  /** How many zeros: one number for both ends, or [first, last]; 1 if left out. */
  padding?: number | readonly number[] | undefined;
}

/**
 * Puts zeros at both ends: [batch, steps, channels] to [batch, first + steps + last, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/zero_padding1d/
 */
export class ZeroPadding1D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding1D';
  readonly padding: Sides[number];

  constructor(
    padding?: number | ListBeside<ZeroPadding1DOptions> | ZeroPadding1DOptions,
    options?: ZeroPadding1DOptions,
  ) {
    const read = readOptions<ZeroPadding1DOptions>('ZeroPadding1D', ['padding', ...layerOptions], [padding, options]);
    const sides = sidesOf('ZeroPadding1D', 'padding', read.padding ?? 1, 1);
    super(read, sides);
    this.padding = sides[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), padding: this.padding };
  }
}

/** Options of {@link ZeroPadding2D}. */
export interface ZeroPadding2DOptions extends LayerOptions {
  /** Zeros on each side: one number, [vertical, horizontal], or [[top, bottom], [left, right]]; 1 if left out. */
  padding?: number | readonly (number | readonly number[])[] | undefined;
}

/**
 * Puts zeros around an image.
 *
 * Input [batch, height, width, channels], output [batch, top + height + bottom, left + width + right, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/zero_padding2d/
 */
export class ZeroPadding2D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding2D';
  readonly padding: Sides;

  constructor(
    padding?: number | ListBeside<ZeroPadding2DOptions, number | readonly number[]> | ZeroPadding2DOptions,
    options?: ZeroPadding2DOptions,
  ) {
    const read = readOptions<ZeroPadding2DOptions>('ZeroPadding2D', ['padding', ...layerOptions], [padding, options]);
    const sides = sidesOf('ZeroPadding2D', 'padding', read.padding ?? 1, 2);
    super(read, sides);
    this.padding = sides;
  }

  override getConfig(): object {
    return { ...super.getConfig(), padding: this.padding };
  }
}

/** Options of {@link ZeroPadding3D}. */
export interface ZeroPadding3DOptions extends LayerOptions {
  /** Zeros on each side: one number, one for each axis, or [before, after] for each; 1 if left out. */
  padding?: number | readonly (number | readonly number[])[] | undefined;
}

/**
 * Puts zeros around volumes [batch, depth, height, width, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/zero_padding3d/
 */
export class ZeroPadding3D extends ZeroPadding {
  static readonly className: string = 'ZeroPadding3D';
  readonly padding: Sides;

  constructor(
    padding?: number | ListBeside<ZeroPadding3DOptions, number | readonly number[]> | ZeroPadding3DOptions,
    options?: ZeroPadding3DOptions,
  ) {
    const read = readOptions<ZeroPadding3DOptions>('ZeroPadding3D', ['padding', ...layerOptions], [padding, options]);
    const sides = sidesOf('ZeroPadding3D', 'padding', read.padding ?? 1, 3);
    super(read, sides);
    this.padding = sides;
  }

  override getConfig(): object {
    return { ...super.getConfig(), padding: this.padding };
  }
}
