import type { FillMode, Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { AffineLayer, type AffineLayerOptions, rows } from './affine-layer.ts';
import { type Factor, type Range, strictFactorOf } from './factors.ts';

/** Options of {@link RandomShear}. */
export interface RandomShearOptions extends AffineLayerOptions {
  /** How far a row moves for each row below it, from 0 to 1: one number for both directions, or a range; 0 if left out. */
  xFactor?: Factor | undefined;
  /** How far a column moves for each column beside it, likewise. */
  yFactor?: Factor | undefined;
}

/** What {@link RandomShear} draws. */
export interface Shear {
  /** Along x and y: [n, 2]. */
  shearFactor: Tensor;
}

const names = ['xFactor', 'yFactor', 'interpolation', 'fillMode', 'fillValue', 'seed', ...layerOptions] as const;

type Argument = number | ListBeside<RandomShearOptions> | RandomShearOptions;

/**
 * In training slants each image; else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1], an unknown fill mode or interpolation
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_shear/
 */
export class RandomShear extends AffineLayer<Shear> {
  static readonly className: string = 'RandomShear';
  readonly xFactor: Range;
  readonly yFactor: Range;

  constructor(
    xFactor?: Argument,
    yFactor?: Argument,
    interpolation?: Interpolation | RandomShearOptions,
    fillMode?: FillMode | RandomShearOptions,
    fillValue?: number | RandomShearOptions,
    seed?: number | null | RandomShearOptions,
    options?: RandomShearOptions,
  ) {
    const given = [xFactor, yFactor, interpolation, fillMode, fillValue, seed, options];
    const read = readOptions<RandomShearOptions>('RandomShear', names, given);
    super('RandomShear', read);
    this.xFactor = rangeOf('xFactor', read.xFactor ?? 0);
    this.yFactor = rangeOf('yFactor', read.yFactor ?? 0);
  }

  override getRandomTransformation(images: Tensor, training = true): Shear | null {
    if (!training) return null;
    const count = images.dim(0);
    const direction = ops.where(ops.greater(this.draw([count, 1]), 0.5), -1, 1);
    const y = this.draw([count, 1], this.yFactor);
    const x = this.draw([count, 1], this.xFactor);
    return { shearFactor: ops.mul(ops.concat([x, y], 1), direction) };
  }

  protected override matrices({ shearFactor }: Shear): Tensor {
    const [x, y] = ops.split(shearFactor, 2, 1) as [Tensor, Tensor];
    return rows(x, [1, x, 0, y, 1, 0, 0, 0]);
  }

  override getConfig(): object {
    return { ...super.getConfig(), xFactor: this.xFactor, yFactor: this.yFactor };
  }
}

const rangeOf = (field: string, factor: unknown): Range => {
  // What getConfig writes for one number reaches below 0.
  const written = Array.isArray(factor) && factor.length === 2 && factor[0] === -factor[1];
  const given = written ? factor[1] : factor;
  return strictFactorOf('RandomShear', field, given, (x) => x >= 0 && x <= 1, 'from 0 to 1');
};
