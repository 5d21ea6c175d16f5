import {
  type ActivationFunction,
  type ActivationLike,
  get as getActivation,
  serialize,
} from '../../activations/index.ts';
import { type ConstraintFunction, type ConstraintLike, get as getConstraint } from '../../constraints/index.ts';
import { flag } from '../../errors.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { positiveInteger } from '../../options.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Shape, Tensor, Variable } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { misfit, type Padding, paddings, type Window, type WindowOptions, windowOf } from './window.ts';

/** Options of layers that convolve each channel by itself. */
export interface DepthwiseOptions extends LayerOptions, WindowOptions {
  /** How many filters each channel has, 1 if left out. */
  depthMultiplier?: number | undefined;
  /** By name or a function; none if left out. */
  activation?: ActivationLike | null | undefined;
  /** `true` if left out. */
  useBias?: boolean | undefined;
  /** `'glorotUniform'` if left out. */
  depthwiseInitializer?: InitializerLike | undefined;
  /** `'zeros'` if left out. */
  biasInitializer?: InitializerLike | undefined;
  /** A penalty on the depthwise kernel; none if left out. */
  depthwiseRegularizer?: RegularizerLike | null | undefined;
  /** A penalty on the bias; none if left out. */
  biasRegularizer?: RegularizerLike | null | undefined;
  /** What the depthwise kernel is made to fulfil after each step of training; nothing if left out. */
  depthwiseConstraint?: ConstraintLike | null | undefined;
  /** What the bias is made to fulfil after each step of training; nothing if left out. */
  biasConstraint?: ConstraintLike | null | undefined;
}

/** The names of {@link DepthwiseOptions} that are no positional parameters. */
export const depthwiseOptions = [
  'dilationRate',
  'activation',
  'useBias',
  'depthwiseInitializer',
  'biasInitializer',
  'depthwiseRegularizer',
  'biasRegularizer',
  'depthwiseConstraint',
  'biasConstraint',
  ...layerOptions,
] as const;

/** What {@link DepthwiseConv2D} and {@link SeparableConv2D} share with their kin. */
export abstract class BaseDepthwise extends Layer implements Window {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilationRate: readonly number[];
  readonly depthMultiplier: number;
  readonly activation: ActivationFunction;
  readonly useBias: boolean;
  readonly depthwiseInitializer: InitializerFunction;
  readonly biasInitializer: InitializerFunction;
  readonly depthwiseRegularizer: RegularizerFunction | null;
  readonly biasRegularizer: RegularizerFunction | null;
  readonly depthwiseConstraint: ConstraintFunction | null;
  readonly biasConstraint: ConstraintFunction | null;
  /** Added to each output; made by `build` unless `useBias` is false. */
  bias: Variable | null = null;

  constructor(where: string, axes: number, options: DepthwiseOptions) {
    super(options);
    const window = windowOf(where, options, axes, paddings);
    this.kernelSize = window.kernelSize;
    this.strides = window.strides;
    this.padding = window.padding;
    this.dilationRate = window.dilationRate;
    this.depthMultiplier = positiveInteger(where, 'depthMultiplier', options.depthMultiplier ?? 1);
    this.activation = getActivation(options.activation, where);
    this.useBias = flag(where, 'useBias', options.useBias ?? true);
    const depthwise = options.depthwiseInitializer ?? 'glorotUniform';
    this.depthwiseInitializer = getInitializer(depthwise, `${where}: depthwiseInitializer`);
    this.biasInitializer = getInitializer(options.biasInitializer ?? 'zeros', `${where}: biasInitializer`);
    this.depthwiseRegularizer = getRegularizer(options.depthwiseRegularizer, `${where}: depthwiseRegularizer`);
    this.biasRegularizer = getRegularizer(options.biasRegularizer, `${where}: biasRegularizer`);
    this.depthwiseConstraint = getConstraint(options.depthwiseConstraint, `${where}: depthwiseConstraint`);
    this.biasConstraint = getConstraint(options.biasConstraint, `${where}: biasConstraint`);
  }

  /** The window as the ops take it. */
  protected get window() {
    const { strides, dilationRate: dilation, padding } = this;
    return { strides, dilation, padding };
  }

  /** Makes the kernel of the channels' own windows. */
  protected addDepthwise(name: string, inputShape: Shape): Variable {
    checkSpace(this, inputShape, this.kernelSize.length);
    return this.addWeight({
      name,
      shape: [...this.kernelSize, inputShape.at(-1), this.depthMultiplier],
      initializer: this.depthwiseInitializer,
      regularizer: this.depthwiseRegularizer,
      constraint: this.depthwiseConstraint,
    });
  }

  /** Makes the bias, if there is one. */
  protected addBias(outputs: number): void {
    if (!this.useBias) return;
    const { biasInitializer: initializer, biasRegularizer: regularizer, biasConstraint: constraint } = this;
    this.bias = this.addWeight({ name: 'bias', shape: [outputs], initializer, regularizer, constraint });
  }

  /** Adds the bias and applies the activation. */
  protected finish(product: Tensor): Tensor {
    return this.activation(this.bias === null ? product : product.add(this.bias));
  }

  /** @internal */
  override explain(sentence: string, inputs: readonly Tensor[]): string {
    return misfit(sentence, this, inputs);
  }

  override getConfig(): object {
    const { kernelSize, strides, padding, dilationRate, depthMultiplier, useBias } = this;
    return {
      // Keras writes it for this layer even where there is none.
      activityRegularizer: null,
      ...super.getConfig(),
      kernelSize,
      strides,
      padding,
      dilationRate,
      depthMultiplier,
      activation: serialize(this.activation),
      useBias,
      depthwiseInitializer: savable(this.depthwiseInitializer),
      biasInitializer: savable(this.biasInitializer),
      depthwiseRegularizer: this.depthwiseRegularizer && savable(this.depthwiseRegularizer),
      biasRegularizer: this.biasRegularizer && savable(this.biasRegularizer),
      depthwiseConstraint: this.depthwiseConstraint && savable(this.depthwiseConstraint),
      biasConstraint: this.biasConstraint && savable(this.biasConstraint),
    };
  }
}
