import type { FillMode, Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { AffineLayer, type AffineLayerOptions, rows } from './affine-layer.ts';
import { type Factor, type Range, strictFactorOf } from './factors.ts';

/** Options of {@link RandomTranslation}. */
export interface RandomTranslationOptions extends AffineLayerOptions {
  /** Parts of the height, from -1 to 1: one number for both directions, or a range. */
  heightFactor?: Factor | undefined;
  /** Parts of the width, likewise. */
  widthFactor?: Factor | undefined;
}

/** What {@link RandomTranslation} draws. */
export interface Translation {
  /** By how many pixels to the right and downwards: [n, 2]. */
  translations: Tensor;
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

type Argument = number | ListBeside<RandomTranslationOptions> | RandomTranslationOptions;

/**
 * In training moves each image by a random part of its size; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [-1, 1], an unknown fill mode or interpolation
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_translation/
 */
export class RandomTranslation extends AffineLayer<Translation> {
  static readonly className: string = 'RandomTranslation';
  readonly heightFactor: Factor;
  readonly widthFactor: Factor;
  readonly #height: Range;
  readonly #width: Range;

  constructor(
    heightFactor: Argument,
    widthFactor?: Argument,
    fillMode?: FillMode | RandomTranslationOptions,
    interpolation?: Interpolation | RandomTranslationOptions,
    seed?: number | null | RandomTranslationOptions,
    fillValue?: number | RandomTranslationOptions,
    options?: RandomTranslationOptions,
  ) {
    const given = [heightFactor, widthFactor, fillMode, interpolation, seed, fillValue, options];
    const read = readOptions<RandomTranslationOptions>('RandomTranslation', names, given);
    super('RandomTranslation', read);
    this.#height = rangeOf('heightFactor', read.heightFactor);
    this.#width = rangeOf('widthFactor', read.widthFactor);
    this.heightFactor = read.heightFactor!;
    this.widthFactor = read.widthFactor!;
  }

  override getRandomTransformation(images: Tensor, training = true): Translation | null {
    if (!training) return null;
    const down = ops.mul(this.draw([images.dim(0), 1], this.#height), images.dim(1));
    const right = ops.mul(this.draw([images.dim(0), 1], this.#width), images.dim(2));
    return { translations: ops.concat([right, down], 1) };
  }

  protected override matrices({ translations }: Translation): Tensor {
    const [right, down] = ops.split(ops.neg(translations), 2, 1) as [Tensor, Tensor];
    return rows(right, [1, 0, right, 0, 1, down, 0, 0]);
  }

  override getConfig(): object {
    return { ...super.getConfig(), heightFactor: this.heightFactor, widthFactor: this.widthFactor };
  }
}

const rangeOf = (field: string, factor: unknown): Range =>
  strictFactorOf('RandomTranslation', field, factor, (x) => x >= -1 && x <= 1, 'from -1 to 1');
