import { FoveaError } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkSpace, showShape } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { type Sides, sidesOf } from './sides.ts';

/** What layers that cut off edges share. */
abstract class Cropping extends Layer {
  readonly #sides: Sides;

  constructor(options: LayerOptions, sides: Sides) {
    super(options);
    this.#sides = sides;
  }

  override call(x: Tensor): Tensor {
    const sides = this.#sides;
    checkSpace(this, x.shape, sides.length);
    const begin = [0, ...sides.map(([before]) => before), 0];
    const end = [null, ...sides.map(([, after]) => (after === 0 ? null : -after)), null];
    const rest = apply('slice', { begin, end, step: begin.map(() => 1) }, [x])[0]!;
    if (!rest.shape.slice(1, -1).includes(0)) return rest;
    throw new FoveaError('SHAPE_MISMATCH', `${this}: nothing would be left of ${showShape(x.shape)}.`, this.name);
  }
}

/** Options of {@link Cropping1D}. */
export interface Cropping1DOptions extends LayerOptions {
  /** How many steps go: one number for both ends, or [first, last]; 1 if left out. */
  cropping?: number | readonly number[] | undefined;
}

/**
 * Cuts off steps at both ends: [batch, steps, channels] to [batch, steps − first − last, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if nothing would be left, or for an input of another rank; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/cropping1d/
 */
export class Cropping1D extends Cropping {
  static readonly className: string = 'Cropping1D';
  readonly cropping: Sides[number];

  constructor(cropping?: number | ListBeside<Cropping1DOptions> | Cropping1DOptions, options?: Cropping1DOptions) {
    const read = readOptions<Cropping1DOptions>('Cropping1D', ['cropping', ...layerOptions], [cropping, options]);
    const sides = sidesOf('Cropping1D', 'cropping', read.cropping ?? 1, 1);
    super(read, sides);
    this.cropping = sides[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), cropping: this.cropping };
  }
}

/** Options of {@link Cropping2D}. */
export interface Cropping2DOptions extends LayerOptions {
  /** One number, [vertical, horizontal], or [[top, bottom], [left, right]]; 0 if left out. */
  cropping?: number | readonly (number | readonly number[])[] | undefined;
}

/**
 * Cuts off the edges of images: [batch, height, width, channels] to
 * [batch, height − top − bottom, width − left − right, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if nothing would be left, or for an input of another rank; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/cropping2d/
 */
export class Cropping2D extends Cropping {
  static readonly className: string = 'Cropping2D';
  readonly cropping: Sides;

  constructor(
    cropping?: number | ListBeside<Cropping2DOptions, number | readonly number[]> | Cropping2DOptions,
    options?: Cropping2DOptions,
  ) {
    const read = readOptions<Cropping2DOptions>('Cropping2D', ['cropping', ...layerOptions], [cropping, options]);
    const sides = sidesOf('Cropping2D', 'cropping', read.cropping ?? 0, 2);
    super(read, sides);
    this.cropping = sides;
  }

  override getConfig(): object {
    return { ...super.getConfig(), cropping: this.cropping };
  }
}

/** Options of {@link Cropping3D}. */
export interface Cropping3DOptions extends LayerOptions {
  /** One number, one for each axis, or [before, after] for each; 1 if left out. */
  cropping?: number | readonly (number | readonly number[])[] | undefined;
}

/**
 * Cuts off the faces of volumes [batch, depth, height, width, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if nothing would be left, or for an input of another rank; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/cropping3d/
 */
export class Cropping3D extends Cropping {
  static readonly className: string = 'Cropping3D';
  readonly cropping: Sides;

  constructor(
    cropping?: number | ListBeside<Cropping3DOptions, number | readonly number[]> | Cropping3DOptions,
    options?: Cropping3DOptions,
  ) {
    const read = readOptions<Cropping3DOptions>('Cropping3D', ['cropping', ...layerOptions], [cropping, options]);
    const sides = sidesOf('Cropping3D', 'cropping', read.cropping ?? 1, 3);
    super(read, sides);
    this.cropping = sides;
  }

  override getConfig(): object {
    return { ...super.getConfig(), cropping: this.cropping };
  }
}
