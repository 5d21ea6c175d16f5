import { elu, leakyRelu, relu } from '../../activations/index.ts';
import { type ConstraintFunction, type ConstraintLike, get as getConstraint } from '../../constraints/index.ts';
import { badArgument, finite, shown } from '../../errors.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { floats } from '../../ops/arguments.ts';
import { numberWithin, readOptions } from '../../options.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Shape, Tensor, Variable } from '../../tensor.ts';
import { checkAxes } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link ELU}. */
export interface ELUOptions extends LayerOptions {
  /** What the output approaches far below 0, negated; 1 if left out. */
  alpha?: number | undefined;
}

/**
 * x where it is positive, else alpha · (exp(x) − 1). The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an alpha that is no finite number
 * @see https://keras.io/api/layers/activation_layers/elu/
 */
export class ELU extends Layer {
  static readonly className: string = 'ELU';
  readonly alpha: number;

  constructor(alpha?: number | ELUOptions, options?: ELUOptions) {
    const read = readOptions<ELUOptions>('ELU', ['alpha', ...layerOptions], [alpha, options]);
    super(read);
    this.alpha = finite('ELU', 'alpha', read.alpha ?? 1);
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  override getConfig(): object {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Options of {@link LeakyReLU}. */
export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0, 0.3 if left out. */
  negativeSlope?: number | undefined;
  /** The older name of `negativeSlope`. */
  alpha?: number | undefined;
}

/**
 * x where it is positive, else negativeSlope · x. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a negative slope
 * @see https://keras.io/api/layers/activation_layers/leaky_relu/
 */
export class LeakyReLU extends Layer {
  static readonly className: string = 'LeakyReLU';
  readonly negativeSlope: number;

  constructor(negativeSlope?: number | LeakyReLUOptions, options?: LeakyReLUOptions) {
    const names = ['negativeSlope', 'alpha', ...layerOptions] as const;
    const read = readOptions<LeakyReLUOptions>('LeakyReLU', names, [negativeSlope, options]);
    super(read);
    const { negativeSlope: slope = 0.3, alpha = slope } = read;
    this.negativeSlope = numberWithin('LeakyReLU', 'negativeSlope', alpha, 0, Infinity);
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  override getConfig(): object {
    return { ...super.getConfig(), negativeSlope: this.negativeSlope };
  }
}

/** Options of {@link PReLU}. */
export interface PReLUOptions extends LayerOptions {
  /** `'zeros'` if left out. */
  alphaInitializer?: InitializerLike | undefined;
  /** A penalty on alpha; none if left out. */
  alphaRegularizer?: RegularizerLike | null | undefined;
  /** What alpha is made to fulfil after each step of training; nothing if left out. */
  alphaConstraint?: ConstraintLike | null | undefined;
  /** Axes along which all values share one slope: `[1, 2]` for images. None if left out. */
  sharedAxes?: number | readonly number[] | null | undefined;
}

const preluNames = ['alphaInitializer', 'alphaRegularizer', 'alphaConstraint', 'sharedAxes', ...layerOptions] as const;

/**
 * x where it is positive, else alpha · x, with a slope that is learned for each value of a sample.
 *
 * The output has the input's shape, alpha the shape of a sample, with 1 along the `sharedAxes`.
 *
 * @throws FoveaError `NOT_BUILT` if a side that is not shared is unknown; `SHAPE_MISMATCH` for an input with another
 * number of axes than before; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/activation_layers/prelu/
 */
export class PReLU extends Layer {
  static readonly className: string = 'PReLU';
  readonly alphaInitializer: InitializerFunction;
  readonly alphaRegularizer: RegularizerFunction | null;
  readonly alphaConstraint: ConstraintFunction | null;
  readonly sharedAxes: readonly number[] | null;
  /** The slopes below 0; made by `build`. */
  alpha!: Variable;
  #rank = 0;

  constructor(
    alphaInitializer?: InitializerLike | PReLUOptions,
    alphaRegularizer?: RegularizerLike | null | PReLUOptions,
    options?: PReLUOptions,
  ) {
    const read = readOptions<PReLUOptions>('PReLU', preluNames, [alphaInitializer, alphaRegularizer, options]);
    super(read);
    this.alphaInitializer = getInitializer(read.alphaInitializer ?? 'zeros', 'PReLU: alphaInitializer');
    this.alphaRegularizer = getRegularizer(read.alphaRegularizer, 'PReLU: alphaRegularizer');
    this.alphaConstraint = getConstraint(read.alphaConstraint, 'PReLU: alphaConstraint');
    const axes = read.sharedAxes ?? null;
    this.sharedAxes = axes === null ? null : [axes].flat();
    if (!(this.sharedAxes ?? []).every(Number.isInteger))
      throw badArgument('PReLU', `sharedAxes must be whole numbers, a sample's first axis 1; received ${shown(axes)}.`);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    this.#rank = inputShape.length;
    const shape = inputShape.slice(1);
    for (const axis of this.sharedAxes ?? []) {
      // Negative ones too are one less among the axes of a sample: that is how Keras counts.
      const place = axis < 1 ? axis - 1 + shape.length : axis - 1;
      if (place < 0 || place >= shape.length)
        throw badArgument(String(this), `shared axis ${axis} is none of an input with ${inputShape.length} axes.`);
      shape[place] = 1;
    }
    this.alpha = this.addWeight({
      name: 'alpha',
      shape,
      initializer: this.alphaInitializer,
      regularizer: this.alphaRegularizer,
      constraint: this.alphaConstraint,
    });
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, this.#rank);
    // As floats, since bytes have no negative.
    const values = floats(x, String(this));
    return relu(values).sub(this.alpha.mul(relu(values.neg())));
  }

  override getConfig(): object {
    return {
      ...super.getConfig(),
      alphaInitializer: savable(this.alphaInitializer),
      alphaRegularizer: this.alphaRegularizer && savable(this.alphaRegularizer),
      alphaConstraint: this.alphaConstraint && savable(this.alphaConstraint),
      sharedAxes: this.sharedAxes,
    };
  }
}
