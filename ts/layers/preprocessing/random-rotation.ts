import type { FillMode, Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { AffineLayer, type AffineLayerOptions, rows } from './affine-layer.ts';
import { type Factor, factorOf, type Range } from './factors.ts';

/** Options of {@link RandomRotation}. */
export interface RandomRotationOptions extends AffineLayerOptions {
  /** Parts of a full turn, from -1 to 1: one number for both directions, or a range. */
  factor?: Factor | undefined;
}

/** What {@link RandomRotation} draws. */
export interface Rotation {
  /** Degrees [n]. */
  angle: Tensor;
  /** The transforms [n, 8] that turn by them. */
  rotationMatrix: Tensor;
}

const names = ['factor', 'fillMode', 'interpolation', 'seed', 'fillValue', ...layerOptions] as const;

/**
 * In training turns each image about its centre by a random angle; else it does nothing. The output has the input's
 * shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [-1, 1], an unknown fill mode or interpolation
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_rotation/
 */
export class RandomRotation extends AffineLayer<Rotation> {
  static readonly className: string = 'RandomRotation';
  readonly factor: Range;

  constructor(
    factor: number | ListBeside<RandomRotationOptions> | RandomRotationOptions,
    fillMode?: FillMode | RandomRotationOptions,
    interpolation?: Interpolation | RandomRotationOptions,
    seed?: number | null | RandomRotationOptions,
    fillValue?: number | RandomRotationOptions,
    options?: RandomRotationOptions,
  ) {
    const given = [factor, fillMode, interpolation, seed, fillValue, options];
    const read = readOptions<RandomRotationOptions>('RandomRotation', names, given);
    super('RandomRotation', read);
    this.factor = factorOf('RandomRotation', 'factor', read.factor);
  }

  override getRandomTransformation(images: Tensor, training = true): Rotation | null {
    if (!training) return null;
    const [lower, upper] = this.factor;
    const angle = this.draw([images.dim(0)], [lower * 360, upper * 360]);
    return { angle, rotationMatrix: turns(angle, images.dim(1), images.dim(2)) };
  }

  protected override matrices({ rotationMatrix }: Rotation): Tensor {
    return rotationMatrix;
  }

  override getConfig(): object {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** The transforms [n, 8] that turn images by degrees [n] about their centre. */
function turns(angle: Tensor, height: number, width: number): Tensor {
  const radians = ops.reshape(ops.mul(angle, Math.PI / 180), [-1, 1]);
  const [cos, sin] = [ops.cos(radians), ops.sin(radians)];
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const centred = (centre: number, a: Tensor, b: Tensor) => ops.sub(ops.sub(centre, ops.mul(a, x)), ops.mul(b, y));
  const back = ops.neg(sin);
  return rows(cos, [cos, back, centred(x, cos, back), sin, cos, centred(y, sin, cos), 0, 0]);
}
