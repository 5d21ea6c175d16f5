import { apply } from '../../ops/apply.ts';
import { readOptions } from '../../options.ts';
import type { Shape, Tensor, Variable } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import type { SizesOr } from './base-conv.ts';
import { BaseDepthwise, type DepthwiseOptions, depthwiseOptions } from './base-depthwise.ts';
import type { Padding } from './window.ts';

/** Options of {@link DepthwiseConv1D} and {@link DepthwiseConv2D}. */
export interface DepthwiseConvOptions extends DepthwiseOptions {}

const names = ['kernelSize', 'strides', 'padding', 'depthMultiplier', ...depthwiseOptions] as const;

type Arguments = [
  kernelSize: SizesOr<DepthwiseConvOptions>,
  strides?: SizesOr<DepthwiseConvOptions>,
  padding?: Padding | DepthwiseConvOptions,
  depthMultiplier?: number | DepthwiseConvOptions,
  options?: DepthwiseConvOptions,
];

/** Each channel through windows of its own. */
abstract class DepthwiseConv extends BaseDepthwise {
  /** The windows: [window…, channels, depthMultiplier]; made by `build`. */
  kernel!: Variable;

  constructor(where: string, axes: number, args: readonly unknown[]) {
    super(where, axes, readOptions<DepthwiseConvOptions>(where, names, args));
  }

  override build(inputShape: Shape): void {
    this.kernel = this.addDepthwise('kernel', inputShape);
    this.addBias(this.depthMultiplier * inputShape.at(-1)!);
  }

  override call(x: Tensor): Tensor {
    checkSpace(this, x.shape, this.kernelSize.length);
    return this.finish(apply('depthwiseConv', this.window, [x, this.kernel])[0]!);
  }
}

/**
 * A convolution over sequences that keeps the channels apart: activation(depthwiseConv(x, kernel) + bias).
 *
 * Input [batch, steps, channels], output [batch, steps', channels · depthMultiplier]; kernel
 * [kernelSize, channels, depthMultiplier], bias [channels · depthMultiplier]. Sides are those of {@link Conv1D}.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/depthwise_convolution1d/
 */
export class DepthwiseConv1D extends DepthwiseConv {
  static readonly className: string = 'DepthwiseConv1D';

  constructor(...args: Arguments) {
    super('DepthwiseConv1D', 1, args);
  }
}

/**
 * A convolution over images that keeps the channels apart: activation(depthwiseConv(x, kernel) + bias).
 *
 * Input [batch, height, width, channels], output [batch, height', width', channels · depthMultiplier]; kernel
 * [kernelHeight, kernelWidth, channels, depthMultiplier], bias [channels · depthMultiplier]. Sides are those of
 * {@link Conv2D}.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/
 */
export class DepthwiseConv2D extends DepthwiseConv {
  static readonly className: string = 'DepthwiseConv2D';

  constructor(...args: Arguments) {
    super('DepthwiseConv2D', 2, args);
  }
}
