import { badArgument, flag, shown } from '../../errors.ts';
import { matmul, moveaxis, squeeze } from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import { placeholder } from '../../symbolic.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { showShape } from '../explain.ts';
import { Layer } from '../layer.ts';
import { unitLength } from '../normalization/unit-normalization.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { reshapeSamples } from '../reshaping/samples.ts';
import { checkSeveral, checkTwo } from './merge.ts';

/** Options of {@link Dot}. */
export interface DotOptions extends LayerOptions {
  /** Along which axis the products are summed: one of both inputs, or one of each. The batch axis is none. */
  axes?: number | readonly number[] | undefined;
  /** Whether both inputs are first brought to length 1 along it, which gives cosines; `false` if left out. */
  normalize?: boolean | undefined;
}

const names = ['axes', 'normalize', ...layerOptions] as const;

/**
 * Sums the products of two tensors' values along an axis, sample by sample: [batch, a, n] and [batch, b, n] with axes
 * 2 give [batch, a, b]; two of rank 2 give [batch, 1].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the sides along the axes differ; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/merging_layers/dot/
 */
export class Dot extends Layer {
  static readonly className: string = 'Dot';
  readonly axes: number | readonly number[];
  readonly normalize: boolean;

  constructor(
    axes: number | ListBeside<DotOptions> | DotOptions,
    normalize?: boolean | DotOptions,
    options?: DotOptions,
  ) {
    const read = readOptions<DotOptions>('Dot', names, [axes, normalize, options]);
    super(read);
    const given: unknown = read.axes;
    const pair = Array.isArray(given) && given.length === 2 && given.every(Number.isInteger);
    if (!pair && !Number.isInteger(given))
      throw badArgument('Dot', `axes must be a whole number or two of them; received ${shown(given)}.`);
    this.axes = given as Dot['axes'];
    this.normalize = flag('Dot', 'normalize', read.normalize ?? false);
  }

  override build(inputShapes: readonly Shape[]): void {
    checkSeveral(this, inputShapes);
    checkTwo(this, inputShapes);
    const [x, y] = inputShapes as [Shape, Shape];
    const [a, b] = this.#places(x, y);
    if (x[a] === y[b]) return;
    throw badArgument(
      String(this),
      `axis ${a} of ${showShape(x)} and axis ${b} of ${showShape(y)} must have one length.`,
    );
  }

  /** The axes of both inputs, counted from the front. */
  #places(x: Shape, y: Shape): [number, number] {
    const [a, b] = typeof this.axes === 'number' ? [this.axes, this.axes] : (this.axes as [number, number]);
    const places = [x, y].map((shape, index) => {
      const axis = index === 0 ? a : b;
      const place = axis < 0 ? axis + shape.length : axis;
      if (shape.length < 2 || place < 1 || place >= shape.length)
        throw badArgument(String(this), `axis ${axis} is none of a sample of ${showShape(shape)}.`);
      return place;
    });
    return places as [number, number];
  }

  override call(inputs: readonly Tensor[]): Tensor {
    checkTwo(this, inputs);
    const [a, b] = this.#places(inputs[0]!.shape, inputs[1]!.shape);
    const [left, right] = [moveaxis(inputs[0]!, a, -1), moveaxis(inputs[1]!, b, 1)];
    const [x, y] = this.normalize ? [unitLength(left, -1, 1e-7), unitLength(right, 1, 1e-7)] : [left, right];
    const rows = x.shape.slice(1, -1);
    const columns = y.shape.slice(2);
    if ([...x.shape.slice(1), ...y.shape.slice(1)].includes(null)) {
      // Such sides are unknown only while a model is built, when types count and nothing else.
      matmul(placeholder([1, 1, x.shape.at(-1)!]), placeholder([1, y.shape[1]!, 1]));
      const rest = [...rows, ...columns];
      return placeholder([x.shape[0]!, ...(rest.length === 0 ? [1] : rest)], x.dtype);
    }
    const length = x.dim(-1);
    const flat = (sides: Shape) => sides.length === 1;
    const product = matmul(
      flat(rows) ? x : reshapeSamples(x, [-1, length]),
      flat(columns) ? y : reshapeSamples(y, [length, -1]),
    );
    if (rows.length === 0) return columns.length < 2 ? squeeze(product, 1) : reshapeSamples(product, sides(columns));
    if (columns.length === 0) return rows.length < 2 ? squeeze(product, -1) : reshapeSamples(product, sides(rows));
    return flat(rows) && flat(columns) ? product : reshapeSamples(product, sides([...rows, ...columns]));
  }

  override computeMask(): null {
    return null;
  }

  override getConfig(): object {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize };
  }
}

const sides = (shape: Shape): number[] => shape.map((side) => side ?? -1);

/** {@link Dot} of two tensors: `dot([x, y], { axes: 1 })`; along the last axis if left out. */
export function dot(
  inputs: readonly Tensor[],
  axes: number | ListBeside<DotOptions> | DotOptions = -1,
  options?: DotOptions,
): Tensor {
  return new Dot(axes, options)(inputs);
}
