import type { FillMode, Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { AffineLayer, type AffineLayerOptions, rows } from './affine-layer.ts';
import { type Factor, type Range, strictFactorOf } from './factors.ts';

/** Options of {@link RandomZoom}. */
export interface RandomZoomOptions extends AffineLayerOptions {
  /** By which part more of the height is seen, above -1 and up to 1: one number for both directions, or a range. */
  heightFactor?: Factor | undefined;
  /** Likewise for the width; the same as the height's draw if left out, so that the aspect ratio stays. */
  widthFactor?: Factor | null | undefined;
}

/** What {@link RandomZoom} draws. */
export interface Zoom {
  /** How much of the height is seen: [n, 1]. */
  heightZoom: Tensor;
  /** How much of the width is seen: [n, 1]. */
  widthZoom: Tensor;
}

const names = [
  'heightFactor',
  'widthFactor',
  'fillMode',
  'interpolation',
  'seed',
  'fillValue',
  ...layerOptions,
] as const;

type Argument = number | ListBeside<RandomZoomOptions> | RandomZoomOptions;

/**
 * In training shows more (positive factors) or less (negative ones) of each image; else it does nothing. The output has
 * the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of (-1, 1], an unknown fill mode or interpolation
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_zoom/
 */
export class RandomZoom extends AffineLayer<Zoom> {
  static readonly className: string = 'RandomZoom';
  readonly heightFactor: Factor;
  readonly widthFactor: Factor | null;
  readonly #height: Range;
  readonly #width: Range | null;

  constructor(
    heightFactor: Argument,
    widthFactor?: Argument | null,
    fillMode?: FillMode | RandomZoomOptions,
    interpolation?: Interpolation | RandomZoomOptions,
    seed?: number | null | RandomZoomOptions,
    fillValue?: number | RandomZoomOptions,
    options?: RandomZoomOptions,
  ) {
    const given = [heightFactor, widthFactor, fillMode, interpolation, seed, fillValue, options];
    const read = readOptions<RandomZoomOptions>('RandomZoom', names, given);
    super('RandomZoom', read);
    this.widthFactor = read.widthFactor ?? null;
    this.#height = rangeOf('heightFactor', read.heightFactor);
    this.#width = this.widthFactor === null ? null : rangeOf('widthFactor', this.widthFactor);
    this.heightFactor = read.heightFactor!;
  }

  override getRandomTransformation(images: Tensor, training = true): Zoom | null {
    if (!training) return null;
    const zoom = ([lower, upper]: Range) => this.draw([images.dim(0), 1], [1 + lower, 1 + upper]);
    const heightZoom = zoom(this.#height);
    return { heightZoom, widthZoom: this.#width === null ? heightZoom : zoom(this.#width) };
  }

  protected override matrices({ heightZoom, widthZoom }: Zoom, height: number, width: number): Tensor {
    const offset = (side: number, zoom: Tensor) => ops.mul(ops.sub(1, zoom), (side - 1) / 2);
    const [x, y] = [offset(width, widthZoom), offset(height, heightZoom)];
    return rows(widthZoom, [widthZoom, 0, x, 0, heightZoom, y, 0, 0]);
  }

  override getConfig(): object {
    return { ...super.getConfig(), heightFactor: this.heightFactor, widthFactor: this.widthFactor };
  }
}

const rangeOf = (field: string, factor: unknown): Range =>
  strictFactorOf('RandomZoom', field, factor, (x) => x > -1 && x <= 1, 'above -1 and up to 1');
