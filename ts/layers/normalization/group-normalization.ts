import { badArgument, shown, whole } from '../../errors.ts';
import { broadcastTo, mean, reshape, square } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { axesFromFront } from '../axes.ts';
import { converted } from '../converted.ts';
import { checkAxes } from '../explain.ts';
import { AffineLayer, type AffineOptions, affineOptions } from './affine.ts';
import { moments, normalize } from './normalize.ts';

/** Options of {@link GroupNormalization}. */
export interface GroupNormalizationOptions extends AffineOptions {
  /** Into how many groups the channels fall, 32 if left out; -1: each channel is one. */
  groups?: number | undefined;
  /** The axis of the channels, -1 if left out. */
  axis?: number | undefined;
}

const names = ['groups', 'axis', ...affineOptions] as const;

/**
 * Brings each group of channels of each sample to mean 0 and deviation 1, then each channel to beta and gamma.
 *
 * The output has the input's shape; gamma and beta are [channels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for channels that cannot be split so, or an axis that the input does not have;
 * `NOT_BUILT` if the number of channels is unknown; `SHAPE_MISMATCH` for an input of one axis, or with another number of
 * axes than before
 * @see https://keras.io/api/layers/normalization_layers/group_normalization/
 */
export class GroupNormalization extends AffineLayer {
  static readonly className: string = 'GroupNormalization';
  /** The number of channels instead of -1 once there are weights. */
  groups: number;
  readonly axis: number;
  /** @internal Inputs of any dtype are normalized in float32. */
  protected override readonly autocast = false;
  #rank = 0;

  constructor(
    groups?: number | GroupNormalizationOptions,
    axis?: number | GroupNormalizationOptions,
    epsilon?: number | GroupNormalizationOptions,
    options?: GroupNormalizationOptions,
  ) {
    const where = 'GroupNormalization';
    const read = readOptions<GroupNormalizationOptions>(where, names, [groups, axis, epsilon, options]);
    super(where, read);
    this.groups = read.groups ?? 32;
    if (!Number.isInteger(this.groups) || (this.groups < 1 && this.groups !== -1))
      throw badArgument(where, `groups must be a positive whole number or -1; received ${shown(read.groups)}.`);
    this.axis = whole(where, 'axis', read.axis ?? -1);
  }

  override build(inputShape: Shape): void {
    checkAxes(this, inputShape, 2, Infinity);
    this.#rank = inputShape.length;
    const channels = inputShape[axesFromFront(this, this.axis, inputShape)[0]!];
    this.addAffine([channels]);
    if (this.groups === -1) this.groups = channels!;
    if (channels! % this.groups !== 0)
      throw badArgument(String(this), `${channels} channels cannot be split into ${this.groups} groups.`);
  }

  override call(x: Tensor): Tensor {
    return converted(this.#normalized(converted(x, 'float32')), this.computeDtype);
  }

  #normalized(x: Tensor): Tensor {
    checkAxes(this, x.shape, this.#rank);
    const [axis] = axesFromFront(this, this.axis, x.shape) as [number];
    const space = x.shape.map((_, each) => each).filter((each) => each !== 0 && each !== axis);
    // First for each channel, then for each group of them: the input itself keeps its shape.
    const [means, variances] = space.length === 0 ? [x, null] : moments(x, space);
    const groupMean = this.#grouped(means, axis, x);
    const between = square(means.sub(groupMean));
    const groupVariance = this.#grouped(variances === null ? between : variances.add(between), axis, x);
    const { epsilon, gamma, beta } = this;
    return normalize(x, [groupMean, groupVariance], { axis, epsilon, gamma, beta });
  }

  /** The mean over the channels of each group, for each channel. */
  #grouped(perChannel: Tensor, axis: number, x: Tensor): Tensor {
    const channels = x.dim(axis);
    const groups = reshape(perChannel, [-1, this.groups, channels / this.groups]);
    const means = broadcastTo(mean(groups, -1, { keepdims: true }), [-1, -1, channels / this.groups]);
    return reshape(
      means,
      x.shape.map((side, each) => (each === 0 ? side : each === axis ? channels : 1)),
    );
  }

  override getConfig(): object {
    return { ...super.getConfig(), groups: this.groups, axis: this.axis };
  }
}
