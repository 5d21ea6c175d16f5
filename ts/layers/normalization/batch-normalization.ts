import { badArgument, FoveaError, finite, flag, shown, whole } from '../../errors.ts';
import {
  get as getInitializer,
  type InitializerCallOptions,
  type InitializerFunction,
  type InitializerLike,
} from '../../initializers/index.ts';
import {
  broadcastTo,
  cast,
  clip,
  expandDims,
  maximum,
  minimum,
  relu,
  sqrt,
  square,
  stopGradient,
  sum,
  where,
} from '../../ops/index.ts';
import { isRecord, numberWithin, readOptions, unknownOption } from '../../options.ts';
import { savable } from '../../registry.ts';
import { type Shape, Tensor, type Variable } from '../../tensor.ts';
import { axesFromFront } from '../axes.ts';
import { converted } from '../converted.ts';
import { checkAxes, showShape } from '../explain.ts';
import type { CallOptions } from '../options.ts';
import { AffineLayer, type AffineOptions, affineOptions } from './affine.ts';
import { moments, normalize } from './normalize.ts';

/** How far a batch may be from the kept statistics in batch renormalization; what is left out is no bound. */
export interface RenormClipping {
  /** The least ratio of the deviations. */
  rmin?: number | undefined;
  /** The greatest ratio of the deviations. */
  rmax?: number | undefined;
  /** The greatest distance of the means, in deviations. */
  dmax?: number | undefined;
}

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends AffineOptions {
  /** The axis of the channels, -1 if left out. */
  axis?: number | undefined;
  /** How much of the moving statistics stays in a step, 0.99 if left out. */
  momentum?: number | undefined;
  /** `'zeros'` if left out. */
  movingMeanInitializer?: InitializerLike | undefined;
  /** `'ones'` if left out. */
  movingVarianceInitializer?: InitializerLike | undefined;
  /** Whether training, too, goes by kept statistics, as batch renormalization does; `false` if left out. */
  renorm?: boolean | undefined;
  /** Bounds of the correction of `renorm`; none if left out. */
  renormClipping?: RenormClipping | null | undefined;
  /** How much of the statistics of `renorm` stays in a step, 0.99 if left out. */
  renormMomentum?: number | undefined;
  /** Whether several devices share their statistics; there is one, so this changes nothing. */
  synchronized?: boolean | undefined;
}

const names = [
  'axis',
  'momentum',
  ...affineOptions,
  'movingMeanInitializer',
  'movingVarianceInitializer',
  'renorm',
  'renormClipping',
  'renormMomentum',
  'synchronized',
] as const;

/**
 * Brings each channel to mean 0 and deviation 1, then to beta and gamma. Training uses the batch's own
 * statistics (of all axes but the channels') and moves the kept ones towards them; inference, and a layer that is
 * not `trainable`, uses the kept ones. A mask, which has the input's axes without the last one, leaves steps out of the
 * statistics.
 *
 * The output has the input's shape; gamma, beta, movingMean and movingVariance are [channels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for an axis that the input does not have; `SHAPE_MISMATCH` for an input with another
 * number of axes than before, or of channels
 * @see https://keras.io/api/layers/normalization_layers/batch_normalization/
 */
export class BatchNormalization extends AffineLayer {
  static readonly className: string = 'BatchNormalization';
  readonly axis: number;
  readonly momentum: number;
  readonly movingMeanInitializer: InitializerFunction;
  readonly movingVarianceInitializer: InitializerFunction;
  readonly renorm: boolean;
  readonly renormClipping: RenormClipping | null;
  readonly renormMomentum: number;
  readonly synchronized: boolean;
  /** The mean that inference uses; made by `build`. */
  movingMean!: Variable;
  /** The variance that inference uses; made by `build`. */
  movingVariance!: Variable;
  /** With `renorm`: the deviation whose square inference uses. */
  movingStddev: Variable | null = null;
  /** With `renorm`: the mean that training goes by. */
  renormMean: Variable | null = null;
  /** With `renorm`: the deviation that training goes by. */
  renormStddev: Variable | null = null;
  #rank = 0;

  constructor(
    axis?: number | BatchNormalizationOptions,
    momentum?: number | BatchNormalizationOptions,
    epsilon?: number | BatchNormalizationOptions,
    options?: BatchNormalizationOptions,
  ) {
    const where = 'BatchNormalization';
    const read = readOptions<BatchNormalizationOptions>(where, names, [axis, momentum, epsilon, options]);
    super(where, read);
    this.axis = whole(where, 'axis', read.axis ?? -1);
    this.momentum = numberWithin(where, 'momentum', read.momentum ?? 0.99, 0, 1);
    this.movingMeanInitializer = getInitializer(read.movingMeanInitializer ?? 'zeros', where);
    this.movingVarianceInitializer = getInitializer(read.movingVarianceInitializer ?? 'ones', where);
    this.renorm = flag(where, 'renorm', read.renorm ?? false);
    this.renormClipping = this.renorm ? clippingOf(where, read.renormClipping) : (read.renormClipping ?? null);
    this.renormMomentum = numberWithin(where, 'renormMomentum', read.renormMomentum ?? 0.99, 0, 1);
    this.synchronized = flag(where, 'synchronized', read.synchronized ?? false);
  }

  override build(inputShape: Shape): void {
    this.#rank = inputShape.length;
    const shape = [inputShape[axesFromFront(this, this.axis, inputShape)[0]!]];
    this.addAffine(shape);
    const kept = (name: string, initializer: InitializerLike) =>
      this.addWeight({ name, shape, initializer, trainable: false, autocast: false });
    this.movingMean = kept('moving_mean', this.movingMeanInitializer);
    this.movingVariance = kept('moving_variance', this.movingVarianceInitializer);
    if (!this.renorm) return;
    const deviation = (sides: readonly number[], options: InitializerCallOptions) =>
      sqrt(this.movingVarianceInitializer(sides, options));
    this.movingStddev = kept('moving_stddev', deviation);
    this.renormMean = kept('renorm_mean', this.movingMeanInitializer);
    this.renormStddev = kept('renorm_stddev', deviation);
  }

  override call(x: Tensor, options: CallOptions): Tensor {
    return converted(this.#normalized(converted(x, 'float32'), options), this.computeDtype);
  }

  #normalized(x: Tensor, { training, mask }: CallOptions): Tensor {
    const { epsilon, gamma, beta } = this;
    checkAxes(this, x.shape, this.#rank);
    const [axis] = axesFromFront(this, this.axis, x.shape) as [number];
    const hiding = mask instanceof Tensor ? mask : null;
    if (hiding !== null) this.#checkMask(hiding, x);
    if (!training || !this.trainable)
      return normalize(x, [this.movingMean, this.movingVariance], { axis, epsilon, gamma, beta });
    const axes = x.shape.map((_, each) => each).filter((each) => each !== axis);
    const statistics = hiding === null ? moments(x, axes) : maskedMoments(x, hiding, axes);
    const [mean, variance] = statistics.map((each) => each.reshape(this.movingMean.shape)) as [Tensor, Tensor];
    if (this.renorm) return normalize(x, statistics, { axis, epsilon, ...this.#corrected(mean, variance) });
    move(this.movingMean, mean, this.momentum);
    move(this.movingVariance, variance, this.momentum);
    return normalize(x, statistics, { axis, epsilon, gamma, beta });
  }

  #checkMask(mask: Tensor, x: Tensor): void {
    if (mask.rank === x.rank - 1) return;
    const shapes = `received a mask ${showShape(mask.shape)} for an input ${showShape(x.shape)}`;
    throw new FoveaError(
      'SHAPE_MISMATCH',
      `${this}: a mask has the input's axes but the last one; ${shapes}.`,
      this.name,
    );
  }

  /** Gamma and beta with the correction to the kept statistics, which go a step towards the batch's. */
  #corrected(mean: Tensor, variance: Tensor): { gamma: Tensor; beta: Tensor } {
    const { epsilon, gamma, beta, momentum, renormMomentum } = this;
    const [movingStddev, renormMean, renormStddev] = [this.movingStddev!, this.renormMean!, this.renormStddev!];
    const { rmin, rmax, dmax } = this.renormClipping ?? {};
    const stddev = sqrt(variance.add(epsilon));
    const known = maximum(renormStddev, Math.sqrt(epsilon));
    let r = stddev.div(known);
    let d = mean.sub(renormMean).div(known);
    if (rmin !== undefined) r = maximum(r, rmin);
    if (rmax !== undefined) r = minimum(r, rmax);
    if (dmax !== undefined) d = clip(d, -dmax, dmax);
    [r, d] = [stopGradient(r), stopGradient(d)];
    const shift = gamma === null ? d : d.mul(gamma);
    move(renormMean, mean, renormMomentum);
    move(renormStddev, stddev, renormMomentum);
    move(this.movingMean, mean, momentum);
    move(movingStddev, stddev, momentum);
    this.movingVariance.assign(relu(square(movingStddev).sub(epsilon)));
    return { gamma: gamma === null ? r : r.mul(gamma), beta: beta === null ? shift : shift.add(beta) };
  }

  override getConfig(): object {
    const { axis, momentum, renorm, renormClipping, renormMomentum, synchronized } = this;
    return {
      ...super.getConfig(),
      axis,
      momentum,
      movingMeanInitializer: savable(this.movingMeanInitializer),
      movingVarianceInitializer: savable(this.movingVarianceInitializer),
      renorm,
      renormClipping,
      renormMomentum,
      synchronized,
    };
  }
}

/** Goes a step towards what a batch says. */
function move(kept: Variable, now: Tensor, momentum: number): void {
  kept.assign(kept.mul(momentum).add(now.mul(1 - momentum)));
}

/** Mean and variance of the steps that a mask keeps. */
function maskedMoments(x: Tensor, mask: Tensor, axes: readonly number[]): [mean: Tensor, variance: Tensor] {
  const kept = cast(broadcastTo(expandDims(mask, -1), x.shape), 'bool');
  const total = (values: Tensor) => sum(values, axes, { keepdims: true });
  const count = total(cast(kept, 'float32')).add(1e-7);
  const mean = total(where(kept, x, 0)).div(count);
  const variance = total(square(where(kept, x.sub(mean), 0))).div(count);
  return [mean, variance];
}

function clippingOf(where: string, given: unknown): RenormClipping {
  if (given === undefined || given === null) return {};
  if (!isRecord(given))
    throw badArgument(where, `renormClipping must be a record like { rmax: 3 }; received ${shown(given)}.`);
  unknownOption(`${where}: renormClipping`, given, ['rmax', 'rmin', 'dmax']);
  for (const [name, bound] of Object.entries(given)) finite(where, `renormClipping.${name}`, bound);
  const { rmin, rmax, dmax } = given as RenormClipping;
  if (rmin !== undefined && rmax !== undefined && rmax < rmin)
    throw badArgument(where, `renormClipping.rmax must be at least rmin; received ${rmax} and ${rmin}.`);
  if (dmax !== undefined && dmax < 0)
    throw badArgument(where, `renormClipping.dmax must not be below 0; received ${dmax}.`);
  return given;
}
