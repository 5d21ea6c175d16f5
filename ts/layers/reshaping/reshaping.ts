import { badArgument, shown } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { reshape } from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import { placeholder } from '../../symbolic.ts';
import type { Tensor } from '../../tensor.ts';
import { checkImages } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Gives each sample of a batch another shape, of which one side may be -1. */
function reshapeSamples(x: Tensor, target: readonly number[]): Tensor {
  const [batch, ...sample] = x.shape;
  if (typeof batch === 'number') return reshape(x, [batch, ...target]);
  // The -1 is for the batch then, so the sample's own has to be found first: for one sample.
  const [, ...sides] = reshape(placeholder([1, ...sample], x.dtype), [1, ...target]).shape;
  return reshape(x, [-1, ...sides]);
}

/**
 * Lays out each sample as one row: [batch, ...] to [batch, n].
 *
 * @see https://keras.io/api/layers/reshaping_layers/flatten/
 */
export class Flatten extends Layer {
  static readonly className: string = 'Flatten';

  constructor(options?: LayerOptions) {
    super(readOptions<LayerOptions>('Flatten', layerOptions, [options]));
  }

  override call(x: Tensor): Tensor {
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
 * @throws FoveaError `SHAPE_MISMATCH` if a sample has another number of elements
 * @see https://keras.io/api/layers/reshaping_layers/reshape/
 */
export class Reshape extends Layer {
  static readonly className: string = 'Reshape';
  readonly targetShape: readonly number[];

  constructor(targetShape: ListBeside<ReshapeOptions> | ReshapeOptions, options?: ReshapeOptions) {
    const read = readOptions<ReshapeOptions>('Reshape', ['targetShape', ...layerOptions], [targetShape, options]);
    super(read);
    const sides: unknown = read.targetShape;
    if (!Array.isArray(sides) || !sides.every((side) => Number.isInteger(side) && side >= -1)) {
      throw badArgument(
        'Reshape',
        `targetShape must be a list of whole numbers, one perhaps -1; received ${shown(sides)}.`,
      );
    }
    this.targetShape = sides;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return reshapeSamples(x, this.targetShape);
  }

  override getConfig(): object {
    return { ...super.getConfig(), targetShape: this.targetShape };
  }
}

/** Options of {@link ZeroPadding2D}. */
export interface ZeroPadding2DOptions extends LayerOptions {
  /** Zeros on each side: one number, [vertical, horizontal], or [[top, bottom], [left, right]]; 1 if left out. */
  padding?: number | readonly (number | readonly number[])[] | undefined;
}

type Sides = ListBeside<ZeroPadding2DOptions, number | readonly number[]>;

/**
 * Puts zeros around an image.
 *
 * Input [batch, height, width, channels], output [batch, top + height + bottom, left + width + right, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images
 * @see https://keras.io/api/layers/reshaping_layers/zero_padding2d/
 */
export class ZeroPadding2D extends Layer {
  static readonly className: string = 'ZeroPadding2D';
  readonly padding: readonly [readonly [number, number], readonly [number, number]];

  constructor(padding?: number | Sides | ZeroPadding2DOptions, options?: ZeroPadding2DOptions) {
    const read = readOptions<ZeroPadding2DOptions>('ZeroPadding2D', ['padding', ...layerOptions], [padding, options]);
    super(read);
    this.padding = paddingOf(read.padding ?? 1);
  }

  override call(x: Tensor): Tensor {
    checkImages(this, x.shape);
    const [[top, bottom], [left, right]] = this.padding;
    const attributes = { low: [0, top, left, 0], high: [0, bottom, right, 0], interior: [0, 0, 0, 0], value: 0 };
    return apply('pad', attributes, [x])[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), padding: this.padding };
  }
}

function paddingOf(padding: unknown): ZeroPadding2D['padding'] {
  const pair = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value, value]);
  const sides = pair(padding).map(pair);
  const whole = (n: unknown) => Number.isInteger(n) && (n as number) >= 0;
  if (sides.length !== 2 || !sides.every((side) => side.length === 2 && side.every(whole))) {
    const forms = 'a whole number, [vertical, horizontal] or [[top, bottom], [left, right]]';
    throw badArgument('ZeroPadding2D', `padding must be ${forms}; received ${shown(padding)}.`);
  }
  return sides as unknown as ZeroPadding2D['padding'];
}
