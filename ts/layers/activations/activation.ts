import {
  type ActivationFunction,
  type ActivationLike,
  get as getActivation,
  relu,
  serialize,
  softmax,
} from '../../activations/index.ts';
import { badArgument } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { type ListBeside, numberWithin, readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

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
    this.negativeSlope = numberWithin('ReLU', 'negativeSlope', read.negativeSlope ?? 0, 0, Infinity);
    this.threshold = numberWithin('ReLU', 'threshold', read.threshold ?? 0, 0, Infinity);
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return relu(x, this);
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

/**
 * Exponentials that sum to 1 along an axis (the last if left out), or over several. The output has the input's shape.
 *
 * @see https://keras.io/api/layers/activation_layers/softmax/
 */
export class Softmax extends Layer {
  static readonly className: string = 'Softmax';
  readonly axis: number | readonly number[];

  constructor(axis?: number | ListBeside<SoftmaxOptions> | SoftmaxOptions, options?: SoftmaxOptions) {
    const read = readOptions<SoftmaxOptions>('Softmax', ['axis', ...layerOptions], [axis, options]);
    super(read);
    this.axis = read.axis ?? -1;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    if (typeof this.axis === 'number') return softmax(x, this.axis);
    if (this.axis.length === 1) return softmax(x, this.axis[0]);
    const total = apply('logSumExp', { axes: this.axis, keepdims: true }, [x])[0]!;
    return apply('exp', {}, [x.sub(total)])[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}
