import {
  type ActivationFunction,
  type ActivationLike,
  get as getActivation,
  relu,
  serialize,
  softmax,
} from '../../activations/index.ts';
import { badArgument } from '../../errors.ts';
import { exp, greater, logsumexp, where } from '../../ops/index.ts';
import { type ListBeside, numberWithin, readOptions } from '../../options.ts';
import { Tensor } from '../../tensor.ts';
import { axesOf } from '../axes.ts';
import { Layer } from '../layer.ts';
import { type CallOptions, type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link Activation}. */
export interface ActivationOptions extends LayerOptions {
  /** By name or a function. */
  activation?: ActivationLike | undefined;
}

/**
 * Applies an activation function. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 * @see https://keras.io/api/layers/core_layers/activation/
 */
export class Activation extends Layer {
  static readonly className: string = 'Activation';
  readonly activation: ActivationFunction;

  constructor(activation: ActivationLike | ActivationOptions, options?: ActivationOptions) {
    const read = readOptions<ActivationOptions>('Activation', ['activation', ...layerOptions], [activation, options]);
    super(read);
    if (read.activation === undefined)
      throw badArgument('Activation', 'needs the name of an activation or a function.');
    this.activation = getActivation(read.activation, 'Activation');
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return this.activation(x);
  }

  override getConfig(): object {
    return { ...super.getConfig(), activation: serialize(this.activation) };
  }
}

/** Options of {@link ReLU}. */
export interface ReLUOptions extends LayerOptions {
  /** Where the output stops to grow; nowhere if left out. */
  maxValue?: number | null | undefined;
  /** Slope below the threshold, 0 if left out. */
  negativeSlope?: number | undefined;
  /** Below it values count as negative; 0 if left out. */
  threshold?: number | undefined;
}

const reluNames = ['maxValue', 'negativeSlope', 'threshold', ...layerOptions] as const;

/**
 * max(x, 0), or with all options: `maxValue` where x ≥ maxValue, x where x ≥ threshold, else
 * negativeSlope · (x − threshold). The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a negative option
 * @see https://keras.io/api/layers/activation_layers/relu/
 */
export class ReLU extends Layer {
  static readonly className: string = 'ReLU';
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  constructor(
    maxValue?: number | null | ReLUOptions,
    negativeSlope?: number | ReLUOptions,
    threshold?: number | ReLUOptions,
    options?: ReLUOptions,
  ) {
    const read = readOptions<ReLUOptions>('ReLU', reluNames, [maxValue, negativeSlope, threshold, options]);
    super(read);
    this.maxValue =
      (read.maxValue ?? null) === null ? null : numberWithin('ReLU', 'maxValue', read.maxValue, 0, Infinity);
    const { negativeSlope: slope = 0, threshold: border = 0 } = read;
    this.negativeSlope = numberWithin('ReLU', 'negativeSlope', slope, 0, Infinity);
    this.threshold = numberWithin('ReLU', 'threshold', border, 0, Infinity);
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    const { maxValue, negativeSlope, threshold } = this;
    return relu(x, { maxValue, negativeSlope, threshold });
  }

  override getConfig(): object {
    const { maxValue, negativeSlope, threshold } = this;
    return { ...super.getConfig(), maxValue, negativeSlope, threshold };
  }
}

/** Options of {@link Softmax}. */
export interface SoftmaxOptions extends LayerOptions {
  /** One axis or several, -1 if left out. */
  axis?: number | readonly number[] | undefined;
}

/** What stands where a mask hides a value: its exponential is 0. */
const hidden = -1e9;

/**
 * Exponentials that sum to 1 along an axis (the last if left out), or over several. The output has the input's shape.
 * With a mask, `layer(x, { mask })`, which broadcasts to the input, what it hides becomes 0 and the rest sums to 1.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an axis that is no whole number
 * @see https://keras.io/api/layers/activation_layers/softmax/
 */
export class Softmax extends Layer {
  static readonly className: string = 'Softmax';
  readonly axis: number | readonly number[];

  constructor(axis?: number | ListBeside<SoftmaxOptions> | SoftmaxOptions, options?: SoftmaxOptions) {
    const read = readOptions<SoftmaxOptions>('Softmax', ['axis', ...layerOptions], [axis, options]);
    super(read);
    this.axis = axesOf('Softmax', read.axis ?? -1);
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Tensor, { mask }: CallOptions): Tensor {
    if (!(mask instanceof Tensor)) return this.#softmax(x);
    const kept = mask.dtype === 'bool' ? mask : greater(mask, 0.5);
    return where(kept, this.#softmax(where(kept, x, hidden)), 0);
  }

  #softmax(x: Tensor): Tensor {
    const { axis } = this;
    if (typeof axis === 'number') return softmax(x, axis);
    if (axis.length === 1) return softmax(x, axis[0]);
    return exp(x.sub(logsumexp(x, axis, { keepdims: true })));
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}
