import { type ConstraintFunction, type ConstraintLike, get as getConstraint } from '../../constraints/index.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { separableConv } from '../../ops/conv.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Shape, Tensor, Variable } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import type { ConvArguments } from './base-conv.ts';
import { BaseDepthwise, type DepthwiseOptions, depthwiseOptions } from './base-depthwise.ts';

/** Options of {@link SeparableConv1D} and {@link SeparableConv2D}. */
export interface SeparableConvOptions extends DepthwiseOptions {
  /** How many channels come out. */
  filters?: number | undefined;
  /** `'glorotUniform'` if left out. */
  pointwiseInitializer?: InitializerLike | undefined;
  /** A penalty on the pointwise kernel; none if left out. */
  pointwiseRegularizer?: RegularizerLike | null | undefined;
  /** What the pointwise kernel is made to fulfil after each step of training; nothing if left out. */
  pointwiseConstraint?: ConstraintLike | null | undefined;
}

const names = [
  'filters',
  'kernelSize',
  'strides',
  'padding',
  'depthMultiplier',
  'pointwiseInitializer',
  'pointwiseRegularizer',
  'pointwiseConstraint',
  ...depthwiseOptions,
] as const;

/** Each channel through windows of its own, then the channels mixed. */
abstract class SeparableConv extends BaseDepthwise {
  readonly filters: number;
  readonly pointwiseInitializer: InitializerFunction;
  readonly pointwiseRegularizer: RegularizerFunction | null;
  readonly pointwiseConstraint: ConstraintFunction | null;
  /** The windows: [window…, channels, depthMultiplier]; made by `build`. */
  depthwiseKernel!: Variable;
  /** What mixes the channels: [1…, channels · depthMultiplier, filters]; made by `build`. */
  pointwiseKernel!: Variable;

  constructor(where: string, axes: number, args: readonly unknown[]) {
    const read = readOptions<SeparableConvOptions>(where, names, args);
    super(where, axes, read);
    this.filters = positiveInteger(where, 'filters', read.filters);
    const pointwise = read.pointwiseInitializer ?? 'glorotUniform';
    this.pointwiseInitializer = getInitializer(pointwise, `${where}: pointwiseInitializer`);
    this.pointwiseRegularizer = getRegularizer(read.pointwiseRegularizer, `${where}: pointwiseRegularizer`);
    this.pointwiseConstraint = getConstraint(read.pointwiseConstraint, `${where}: pointwiseConstraint`);
  }

  override build(inputShape: Shape): void {
    const { kernelSize, depthMultiplier, filters } = this;
    this.depthwiseKernel = this.addDepthwise('depthwise_kernel', inputShape);
    this.pointwiseKernel = this.addWeight({
      name: 'pointwise_kernel',
      shape: [...kernelSize.map(() => 1), depthMultiplier * inputShape.at(-1)!, filters],
      initializer: this.pointwiseInitializer,
      regularizer: this.pointwiseRegularizer,
      constraint: this.pointwiseConstraint,
    });
    this.addBias(filters);
  }

  override call(x: Tensor): Tensor {
    checkSpace(this, x.shape, this.kernelSize.length);
    const { strides, dilationRate, padding, depthwiseKernel, pointwiseKernel } = this;
    return this.finish(separableConv(x, depthwiseKernel, pointwiseKernel, { strides, dilationRate, padding }));
  }

  override getConfig(): object {
    return {
      ...super.getConfig(),
      filters: this.filters,
      pointwiseInitializer: savable(this.pointwiseInitializer),
      pointwiseRegularizer: this.pointwiseRegularizer && savable(this.pointwiseRegularizer),
      pointwiseConstraint: this.pointwiseConstraint && savable(this.pointwiseConstraint),
    };
  }
}

/**
 * A convolution over sequences in two: of each channel by itself, then of each step by itself.
 *
 * Input [batch, steps, channels], output [batch, steps', filters]; depthwise kernel
 * [kernelSize, channels, depthMultiplier], pointwise kernel [1, channels · depthMultiplier, filters], bias [filters].
 * Sides are those of {@link Conv1D}.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/separable_convolution1d/
 */
export class SeparableConv1D extends SeparableConv {
  static readonly className: string = 'SeparableConv1D';

  constructor(...args: ConvArguments<SeparableConvOptions>) {
    super('SeparableConv1D', 1, args);
  }
}

/**
 * A convolution over images in two: of each channel by itself, then of each pixel by itself.
 *
 * Input [batch, height, width, channels], output [batch, height', width', filters]; depthwise kernel
 * [kernelHeight, kernelWidth, channels, depthMultiplier], pointwise kernel [1, 1, channels · depthMultiplier, filters],
 * bias [filters]. Sides are those of {@link Conv2D}.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/separable_convolution2d/
 */
export class SeparableConv2D extends SeparableConv {
  static readonly className: string = 'SeparableConv2D';

  constructor(...args: ConvArguments<SeparableConvOptions>) {
    super('SeparableConv2D', 2, args);
  }
}

/** Keras's other name of {@link SeparableConv1D}. */
export const SeparableConvolution1D = SeparableConv1D;
/** Keras's other name of {@link SeparableConv1D}. */
export type SeparableConvolution1D = SeparableConv1D;
/** Keras's other name of {@link SeparableConv2D}. */
export const SeparableConvolution2D = SeparableConv2D;
/** Keras's other name of {@link SeparableConv2D}. */
export type SeparableConvolution2D = SeparableConv2D;
