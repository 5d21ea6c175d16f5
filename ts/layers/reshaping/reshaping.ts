import { badArgument, shown } from '../../errors.ts';
import { broadcastTo, reshape, transpose } from '../../ops/index.ts';
import { type ListBeside, positiveInteger, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkAxes } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { reshapeSamples } from './samples.ts';

/**
 * Lays out each sample as one row: [batch, ...] to [batch, n].
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input without axes
 * @see https://keras.io/api/layers/reshaping_layers/flatten/
 */
export class Flatten extends Layer {
  static readonly className: string = 'Flatten';

  constructor(options?: LayerOptions) {
    super(readOptions<LayerOptions>('Flatten', layerOptions, [options]));
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, 1, Infinity);
    return x.rank === 1 ? reshape(x, [-1, 1]) : reshapeSamples(x, [-1]);
  }
}

/** Options of {@link Reshape}. */
export interface ReshapeOptions extends LayerOptions {
  /** Without the batch axis; one side may be -1. */
  targetShape?: readonly number[] | undefined;
}

/**
 * Gives each sample another shape: [batch, ...] to [batch, ...targetShape], row by row.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if a sample has another number of elements, or an input no axes; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/reshaping_layers/reshape/
 */
export class Reshape extends Layer {
  static readonly className: string = 'Reshape';
  readonly targetShape: readonly number[];

  constructor(targetShape: ListBeside<ReshapeOptions> | ReshapeOptions, options?: ReshapeOptions) {
    const read = readOptions<ReshapeOptions>('Reshape', ['targetShape', ...layerOptions], [targetShape, options]);
    super(read);
    const sides: unknown = read.targetShape;
    const isSide = (side: unknown) => Number.isInteger(side) && (side as number) >= -1;
    if (!Array.isArray(sides) || !sides.every(isSide) || sides.indexOf(-1) !== sides.lastIndexOf(-1)) {
      throw badArgument(
        'Reshape',
        `targetShape must be a list of whole numbers, at most one of them -1; received ${shown(sides)}.`,
      );
    }
    this.targetShape = sides;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, 1, Infinity);
    return reshapeSamples(x, this.targetShape);
  }

  override getConfig(): object {
    return { ...super.getConfig(), targetShape: this.targetShape };
  }
}

/** Options of {@link Permute}. */
export interface PermuteOptions extends LayerOptions {
  /** Which axis of a sample comes where, the first one 1: `[2, 1]` swaps two. */
  dims?: readonly number[] | undefined;
}

/**
 * Puts the axes of each sample in another order; the batch stays in front.
 *
 * @throws FoveaError `BAD_ARGUMENT` if dims are not 1, 2, … in some order; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/reshaping_layers/permute/
 */
export class Permute extends Layer {
  static readonly className: string = 'Permute';
  readonly dims: readonly number[];

  constructor(dims: ListBeside<PermuteOptions> | PermuteOptions, options?: PermuteOptions) {
    const read = readOptions<PermuteOptions>('Permute', ['dims', ...layerOptions], [dims, options]);
    super(read);
    const order: unknown = read.dims;
    if (!Array.isArray(order) || !order.every((_, index) => order.includes(index + 1))) {
      throw badArgument(
        'Permute',
        `dims must be the axes 1, 2, … of a sample in some order; received ${shown(order)}.`,
      );
    }
    this.dims = [...order];
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, this.dims.length + 1);
    return transpose(x, [0, ...this.dims]);
  }

  override getConfig(): object {
    return { ...super.getConfig(), dims: this.dims };
  }
}

/** Options of {@link RepeatVector}. */
export interface RepeatVectorOptions extends LayerOptions {
  /** How many times. */
  n?: number | undefined;
}

/**
 * Each row several times: [batch, features] to [batch, n, features].
 *
 * @throws FoveaError `BAD_ARGUMENT` for an n below 1; `SHAPE_MISMATCH` for an input of another rank
 * @see https://keras.io/api/layers/reshaping_layers/repeat_vector/
 */
export class RepeatVector extends Layer {
  static readonly className: string = 'RepeatVector';
  readonly n: number;

  constructor(n: number | RepeatVectorOptions, options?: RepeatVectorOptions) {
    const read = readOptions<RepeatVectorOptions>('RepeatVector', ['n', ...layerOptions], [n, options]);
    super(read);
    this.n = positiveInteger('RepeatVector', 'n', read.n);
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, 2);
    return broadcastTo(reshapeSamples(x, [1, -1]), [-1, this.n, -1]);
  }

  override getConfig(): object {
    return { ...super.getConfig(), n: this.n };
  }
}
