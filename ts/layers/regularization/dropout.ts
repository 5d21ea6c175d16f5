import { type ListBeside, numberWithin, readOptions } from '../../options.ts';
import { classNameOf } from '../../registry.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import { type CallOptions, layerOptions } from '../options.ts';
import { noiseShapeOf, SeededLayer, type SeededOptions } from './seeded-layer.ts';

/** Options of {@link Dropout}. */
export interface DropoutOptions extends SeededOptions {
  /** The part of the values that becomes 0, from 0 to 1. */
  rate?: number | undefined;
  /** Shape of the mask; where a side is 1 all values along it share one fate, `null` is the input's side. */
  noiseShape?: Shape | null | undefined;
}

const names = ['rate', 'noiseShape', 'seed', ...layerOptions] as const;

/** Sets a part of the values to 0 and scales the rest so that the sum stays on average. */
abstract class Dropping extends SeededLayer {
  readonly rate: number;

  constructor(options: DropoutOptions) {
    super(options);
    this.rate = numberWithin(classNameOf(new.target), 'rate', options.rate, 0, 1);
  }

  /** The shape of what decides, `null` for the input's. */
  protected abstract fates(x: Tensor): Shape | null;

  override call(x: Tensor, { training }: CallOptions): Tensor {
    const fates = this.fates(x);
    if (!training || this.rate === 0) return x;
    const keep = 1 - this.rate;
    return x.mul(this.chosen(x, keep, keep === 0 ? 0 : 1 / keep, fates));
  }

  override getConfig(): object {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/**
 * In training sets a part of the values to 0 and scales the rest by 1 / (1 − rate), so that the sum stays on average;
 * else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1, or a noise shape of other than whole sides
 * @see https://keras.io/api/layers/regularization_layers/dropout/
 */
export class Dropout extends Dropping {
  static readonly className: string = 'Dropout';
  readonly noiseShape: Shape | null;

  constructor(
    rate: number | DropoutOptions,
    noiseShape?: ListBeside<DropoutOptions, number | null> | null | DropoutOptions,
    seed?: number | null | DropoutOptions,
    options?: DropoutOptions,
  ) {
    const read = readOptions<DropoutOptions>('Dropout', names, [rate, noiseShape, seed, options]);
    super(read);
    this.noiseShape = noiseShapeOf('Dropout', read.noiseShape);
  }

  protected override fates(): Shape | null {
    return this.noiseShape;
  }

  override getConfig(): object {
    return { ...super.getConfig(), noiseShape: this.noiseShape };
  }
}

/** Options of {@link SpatialDropout2D} and its siblings for steps and volumes. */
export interface SpatialDropoutOptions extends SeededOptions {
  /** The part of the channels that becomes 0, from 0 to 1. */
  rate?: number | undefined;
}

type Rate = number | SpatialDropoutOptions;
type Seed = number | null | SpatialDropoutOptions;

const spatialNames = ['rate', 'seed', ...layerOptions] as const;

/** Sets whole channels of a sample to 0. */
abstract class SpatialDropout extends Dropping {
  readonly #axes: number;

  constructor(axes: number, where: string, args: readonly unknown[]) {
    super(readOptions<SpatialDropoutOptions>(where, spatialNames, args));
    this.#axes = axes;
  }

  protected override fates(x: Tensor): Shape {
    checkSpace(this, x.shape, this.#axes);
    return x.shape.map((side, axis) => (axis === 0 || axis === x.rank - 1 ? side : 1));
  }

  override getConfig(): object {
    const { rate, seed, name, dtypePolicy } = this;
    return { rate, seed, name, dtype: dtypePolicy.name };
  }
}

/**
 * In training sets whole channels [batch, steps, channels] of a sample to 0, each with probability `rate`, and scales
 * the rest by 1 / (1 − rate); else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/regularization_layers/spatial_dropout1d/
 */
export class SpatialDropout1D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout1D';

  constructor(rate: Rate, seed?: Seed, options?: SpatialDropoutOptions) {
    super(1, 'SpatialDropout1D', [rate, seed, options]);
  }
}

/**
 * In training sets whole channels of an image [batch, height, width, channels] to 0, each with probability `rate`, and
 * scales the rest by 1 / (1 − rate); else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/regularization_layers/spatial_dropout2d/
 */
export class SpatialDropout2D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout2D';

  constructor(rate: Rate, seed?: Seed, options?: SpatialDropoutOptions) {
    super(2, 'SpatialDropout2D', [rate, seed, options]);
  }
}

/**
 * In training sets whole channels of a volume [batch, depth, height, width, channels] to 0, each with probability
 * `rate`, and scales the rest by 1 / (1 − rate); else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/regularization_layers/spatial_dropout3d/
 */
export class SpatialDropout3D extends SpatialDropout {
  static readonly className: string = 'SpatialDropout3D';

  constructor(rate: Rate, seed?: Seed, options?: SpatialDropoutOptions) {
    super(3, 'SpatialDropout3D', [rate, seed, options]);
  }
}
