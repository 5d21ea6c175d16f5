import { type ConstraintFunction, type ConstraintLike, get as getConstraint } from '../../constraints/index.ts';
import { flag } from '../../errors.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { numberWithin } from '../../options.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Variable } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of layers that normalize, then multiply with gamma and add beta. */
export interface AffineOptions extends LayerOptions {
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
  /** A penalty on beta; none if left out. */
  betaRegularizer?: RegularizerLike | null | undefined;
  /** A penalty on gamma; none if left out. */
  gammaRegularizer?: RegularizerLike | null | undefined;
  /** What beta is made to fulfil after each step of training; nothing if left out. */
  betaConstraint?: ConstraintLike | null | undefined;
  /** What gamma is made to fulfil after each step of training; nothing if left out. */
  gammaConstraint?: ConstraintLike | null | undefined;
}

/** The names of {@link AffineOptions}, in Keras's order. */
export const affineOptions = [
  'epsilon',
  'center',
  'scale',
  'betaInitializer',
  'gammaInitializer',
  'betaRegularizer',
  'gammaRegularizer',
  'betaConstraint',
  'gammaConstraint',
  ...layerOptions,
] as const;

/** What layers that normalize, then multiply with gamma and add beta, share. */
export abstract class AffineLayer extends Layer {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: InitializerFunction;
  readonly gammaInitializer: InitializerFunction;
  readonly betaRegularizer: RegularizerFunction | null;
  readonly gammaRegularizer: RegularizerFunction | null;
  readonly betaConstraint: ConstraintFunction | null;
  readonly gammaConstraint: ConstraintFunction | null;
  /** What is multiplied; `null` without `scale`. */
  gamma: Variable | null = null;
  /** What is added; `null` without `center`. */
  beta: Variable | null = null;

  constructor(where: string, read: AffineOptions) {
    super(read);
    this.epsilon = numberWithin(where, 'epsilon', read.epsilon ?? 1e-3, 0, Infinity);
    this.center = flag(where, 'center', read.center ?? true);
    this.scale = flag(where, 'scale', read.scale ?? true);
    this.betaInitializer = getInitializer(read.betaInitializer ?? 'zeros', `${where}: betaInitializer`);
    this.gammaInitializer = getInitializer(read.gammaInitializer ?? 'ones', `${where}: gammaInitializer`);
    this.betaRegularizer = getRegularizer(read.betaRegularizer, `${where}: betaRegularizer`);
    this.gammaRegularizer = getRegularizer(read.gammaRegularizer, `${where}: gammaRegularizer`);
    this.betaConstraint = getConstraint(read.betaConstraint, `${where}: betaConstraint`);
    this.gammaConstraint = getConstraint(read.gammaConstraint, `${where}: gammaConstraint`);
    this.supportsMasking = true;
  }

  /** Makes gamma and beta, those that are wanted. */
  protected addAffine(
    shape: readonly (number | null | undefined)[],
    { scale = this.scale, center = this.center }: { scale?: boolean; center?: boolean } = {},
  ): void {
    if (scale) {
      this.gamma = this.addWeight({
        name: 'gamma',
        shape,
        initializer: this.gammaInitializer,
        regularizer: this.gammaRegularizer,
        constraint: this.gammaConstraint,
        autocast: false,
      });
    }
    if (center) {
      this.beta = this.addWeight({
        name: 'beta',
        shape,
        initializer: this.betaInitializer,
        regularizer: this.betaRegularizer,
        constraint: this.betaConstraint,
        autocast: false,
      });
    }
  }

  override getConfig(): object {
    const { epsilon, center, scale } = this;
    return {
      ...super.getConfig(),
      epsilon,
      center,
      scale,
      betaInitializer: savable(this.betaInitializer),
      gammaInitializer: savable(this.gammaInitializer),
      betaRegularizer: this.betaRegularizer && savable(this.betaRegularizer),
      gammaRegularizer: this.gammaRegularizer && savable(this.gammaRegularizer),
      betaConstraint: this.betaConstraint && savable(this.betaConstraint),
      gammaConstraint: this.gammaConstraint && savable(this.gammaConstraint),
    };
  }
}
