import { badArgument, flag, whole } from '../../errors.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { apply } from '../../ops/apply.ts';
import { numberWithin, readOptions } from '../../options.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Shape, Tensor, Variable } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type CallOptions, type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends LayerOptions {
  /** The axis of the channels, -1 if left out. */
  axis?: number | undefined;
  /** How much of the moving statistics stays in a step, 0.99 if left out. */
  momentum?: number | undefined;
  /** Added to the variance, 1e-3 if left out. */
  epsilon?: number | undefined;
  /** Whether beta is added; `true` if left out. */
  center?: boolean | undefined;
  /** Whether gamma is multiplied; `true` if left out. */
  scale?: boolean | undefined;
  /** `'zeros'` if left out. */
  betaInitializer?: InitializerLike | undefined;
  /** `'ones'` if left out. */
  gammaInitializer?: InitializerLike | undefined;
  /** `'zeros'` if left out. */
  movingMeanInitializer?: InitializerLike | undefined;
  /** `'ones'` if left out. */
  movingVarianceInitializer?: InitializerLike | undefined;
  /** A penalty on beta; none if left out. */
  betaRegularizer?: RegularizerLike | null | undefined;
  /** A penalty on gamma; none if left out. */
  gammaRegularizer?: RegularizerLike | null | undefined;
}

const names = [
  'axis',
  'momentum',
  'epsilon',
  'center',
  'scale',
  'betaInitializer',
  'gammaInitializer',
  'movingMeanInitializer',
  'movingVarianceInitializer',
  'betaRegularizer',
  'gammaRegularizer',
  ...layerOptions,
] as const;

/**
 * Brings each channel to mean 0 and deviation 1, then to beta and gamma. Training uses the batch's own
 * statistics (of all axes but the channels') and moves the kept ones towards them; inference, and a layer that is
 * not `trainable`, uses the kept ones.
 *
 * The output has the input's shape; gamma, beta, movingMean and movingVariance are [channels].
 *
 * @throws FoveaError `BAD_ARGUMENT` for an axis that the input does not have
 * @see https://keras.io/api/layers/normalization_layers/batch_normalization/
 */
export class BatchNormalization extends Layer {
  static readonly className: string = 'BatchNormalization';
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: InitializerFunction;
  readonly gammaInitializer: InitializerFunction;
  readonly movingMeanInitializer: InitializerFunction;
  readonly movingVarianceInitializer: InitializerFunction;
  readonly betaRegularizer: RegularizerFunction | null;
  readonly gammaRegularizer: RegularizerFunction | null;
  /** The factor of each channel; `null` without `scale`. */
  gamma: Variable | null = null;
  /** What is added to each channel; `null` without `center`. */
  beta: Variable | null = null;
  /** The mean that inference uses; made by `build`. */
  movingMean!: Variable;
  /** The variance that inference uses; made by `build`. */
  movingVariance!: Variable;

  constructor(axis?: number | BatchNormalizationOptions, options?: BatchNormalizationOptions) {
    const where = 'BatchNormalization';
    const read = readOptions<BatchNormalizationOptions>(where, names, [axis, options]);
    super(read);
    this.axis = whole(where, 'axis', read.axis ?? -1);
    this.momentum = numberWithin(where, 'momentum', read.momentum ?? 0.99, 0, 1);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-3, 0, Infinity);
    this.center = flag(where, 'center', read.center ?? true);
    this.scale = flag(where, 'scale', read.scale ?? true);
    this.betaInitializer = getInitializer(read.betaInitializer ?? 'zeros', where);
    this.gammaInitializer = getInitializer(read.gammaInitializer ?? 'ones', where);
    this.movingMeanInitializer = getInitializer(read.movingMeanInitializer ?? 'zeros', where);
    this.movingVarianceInitializer = getInitializer(read.movingVarianceInitializer ?? 'ones', where);
    this.betaRegularizer = getRegularizer(read.betaRegularizer, where);
    this.gammaRegularizer = getRegularizer(read.gammaRegularizer, where);
  }

  override build(inputShape: Shape): void {
    const rank = inputShape.length;
    if (this.axis >= rank || this.axis < -rank) {
      throw badArgument(String(this), `axis ${this.axis} is none of an input with ${rank} axes.`);
    }
    const shape = [inputShape.at(this.axis)];
    const weight = (name: string, initializer: InitializerFunction, regularizer: RegularizerFunction | null) =>
      this.addWeight({ name, shape, initializer, regularizer });
    if (this.scale) this.gamma = weight('gamma', this.gammaInitializer, this.gammaRegularizer);
    if (this.center) this.beta = weight('beta', this.betaInitializer, this.betaRegularizer);
    const moving = (name: string, initializer: InitializerFunction) =>
      this.addWeight({ name, shape, initializer, trainable: false });
    this.movingMean = moving('moving_mean', this.movingMeanInitializer);
    this.movingVariance = moving('moving_variance', this.movingVarianceInitializer);
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    const [mean, variance] = training && this.trainable ? this.#follow(x) : [this.movingMean, this.movingVariance];
    const { axis, epsilon, scale, center, gamma, beta } = this;
    const parameters = [gamma, beta].filter((weight) => weight !== null);
    return apply('batchNormalize', { axis, epsilon, scale, center }, [x, mean, variance, ...parameters])[0]!;
  }

  /** The statistics of a batch; the moving ones go a step towards them. */
  #follow(x: Tensor): [mean: Tensor, variance: Tensor] {
    const channels = this.axis < 0 ? this.axis + x.rank : this.axis;
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== channels);
    const [mean, variance] = apply('moments', { axes }, [x]) as [Tensor, Tensor];
    const move = (moving: Variable, now: Tensor) => {
      const flat = now.reshape(moving.shape);
      moving.assign(moving.mul(this.momentum).add(flat.mul(1 - this.momentum)));
    };
    move(this.movingMean, mean);
    move(this.movingVariance, variance);
    return [mean, variance];
  }

  override getConfig(): object {
    const { axis, momentum, epsilon, center, scale } = this;
    return {
      ...super.getConfig(),
      axis,
      momentum,
      epsilon,
      center,
      scale,
      betaInitializer: savable(this.betaInitializer),
      gammaInitializer: savable(this.gammaInitializer),
      movingMeanInitializer: savable(this.movingMeanInitializer),
      movingVarianceInitializer: savable(this.movingVarianceInitializer),
      betaRegularizer: this.betaRegularizer && savable(this.betaRegularizer),
      gammaRegularizer: this.gammaRegularizer && savable(this.gammaRegularizer),
    };
  }
}
