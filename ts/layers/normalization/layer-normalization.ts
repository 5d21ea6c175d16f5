import { flag } from '../../errors.ts';
import { mean, reshape, rsqrt, square } from '../../ops/index.ts';
import { type ListBeside, numberWithin, readOptions } from '../../options.ts';
import type { Shape, Tensor, Variable } from '../../tensor.ts';
import { axesFromFront, axesOf } from '../axes.ts';
import { converted } from '../converted.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { AffineLayer, type AffineOptions, affineOptions } from './affine.ts';
import { moments, normalize } from './normalize.ts';

/** A weight along some axes of x as a tensor of x's rank. */
function lineUp(weight: Tensor, axes: readonly number[], x: Tensor): Tensor {
  return reshape(
    weight,
    x.shape.map((side, axis) => (axes.includes(axis) ? side : 1)),
  );
}

/** The axes as Keras keeps them once there are weights: a sorted list. */
const sorted = (axis: number | readonly number[]): readonly number[] => [axis].flat().sort((a, b) => a - b);

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends AffineOptions {
  /** The axis, or the several, that are normalized together; -1 if left out. */
  axis?: number | readonly number[] | undefined;
  /** An old mistake of Keras, kept: nothing is subtracted and beta is left out. `false` if left out. */
  rmsScaling?: boolean | undefined;
}

const layerNames = ['axis', ...affineOptions, 'rmsScaling'] as const;

/**
 * Brings each sample to mean 0 and deviation 1 along an axis (over several axes), then to beta and gamma.
 *
 * The output has the input's shape; gamma and beta have the sides of the axes.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an axis that the input does not have; `NOT_BUILT` if its side is unknown
 * @see https://keras.io/api/layers/normalization_layers/layer_normalization/
 */
export class LayerNormalization extends AffineLayer {
  static readonly className: string = 'LayerNormalization';
  /** A sorted list once there are weights. */
  axis: number | readonly number[];
  readonly rmsScaling: boolean;
  /** @internal Inputs of any dtype are normalized in float32. */
  protected override readonly autocast = false;

  constructor(
    axis?: number | ListBeside<LayerNormalizationOptions> | LayerNormalizationOptions,
    epsilon?: number | LayerNormalizationOptions,
    options?: LayerNormalizationOptions,
  ) {
    const where = 'LayerNormalization';
    const read = readOptions<LayerNormalizationOptions>(where, layerNames, [axis, epsilon, options]);
    const rmsScaling = flag(where, 'rmsScaling', read.rmsScaling ?? false);
    super(where, read);
    this.axis = axesOf(where, read.axis ?? -1);
    this.rmsScaling = rmsScaling;
  }

  override build(inputShape: Shape): void {
    axesFromFront(this, this.axis, inputShape);
    this.axis = sorted(this.axis);
    const { scale, center, rmsScaling } = this;
    const shape = this.axis.map((axis) => inputShape.at(axis));
    this.addAffine(shape, { scale: scale || rmsScaling, center: center && !rmsScaling });
  }

  override call(x: Tensor): Tensor {
    return converted(this.#normalized(converted(x, 'float32')), this.computeDtype);
  }

  #normalized(x: Tensor): Tensor {
    const axes = axesFromFront(this, this.axis, x.shape);
    const [mean, variance] = moments(x, axes);
    const gamma = this.gamma && lineUp(this.gamma, axes, x);
    const beta = this.beta && lineUp(this.beta, axes, x);
    if (!this.rmsScaling) return normalize(x, [mean, variance], { epsilon: this.epsilon, gamma, beta });
    return x.mul(rsqrt(variance.add(this.epsilon))).mul(gamma!);
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis, rmsScaling: this.rmsScaling };
  }
}

/** Options of {@link RMSNormalization}. */
export interface RMSNormalizationOptions extends LayerOptions {
  /** The axis, or the several, that are normalized together; -1 if left out. */
  axis?: number | readonly number[] | undefined;
  /** Added to the mean square, 1e-6 if left out. */
  epsilon?: number | undefined;
}

const rmsNames = ['axis', 'epsilon', ...layerOptions] as const;

/**
 * Divides each sample by the root of its mean square along an axis (over several axes), then multiplies with a scale.
 *
 * The output has the input's shape; scale has the sides of the axes.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an axis that the input does not have; `NOT_BUILT` if its side is unknown
 * @see https://keras.io/api/layers/normalization_layers/rms_normalization/
 */
export class RMSNormalization extends Layer {
  static readonly className: string = 'RMSNormalization';
  /** A sorted list once there are weights. */
  axis: number | readonly number[];
  readonly epsilon: number;
  /** What is multiplied; made by `build`. */
  scale!: Variable;

  constructor(
    axis?: number | ListBeside<RMSNormalizationOptions> | RMSNormalizationOptions,
    epsilon?: number | RMSNormalizationOptions,
    options?: RMSNormalizationOptions,
  ) {
    const where = 'RMSNormalization';
    const read = readOptions<RMSNormalizationOptions>(where, rmsNames, [axis, epsilon, options]);
    super(read);
    this.axis = axesOf(where, read.axis ?? -1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-6, 0, Infinity);
  }

  override build(inputShape: Shape): void {
    axesFromFront(this, this.axis, inputShape);
    this.axis = sorted(this.axis);
    this.scale = this.addWeight({
      name: 'scale',
      shape: this.axis.map((axis) => inputShape.at(axis)),
      initializer: 'ones',
    });
  }

  override call(x: Tensor): Tensor {
    const axes = axesFromFront(this, this.axis, x.shape);
    const floats = converted(x, 'float32');
    const inverse = rsqrt(mean(square(floats), axes, { keepdims: true }).add(this.epsilon));
    return converted(floats.mul(inverse).mul(this.scale), x.dtype);
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}
