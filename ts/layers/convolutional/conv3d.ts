import { type ConvArguments, type ConvOptions, SpaceConv } from './base-conv.ts';

/** Options of {@link Conv3D}. */
export interface Conv3DOptions extends ConvOptions {}

/**
 * A convolution over volumes: activation(conv(x, kernel) + bias).
 *
 * Input [batch, depth, height, width, channels], output [batch, depth', height', width', filters];
 * kernel [kernelDepth, kernelHeight, kernelWidth, channels / groups, filters], bias [filters]. With padding `'same'` a
 * side becomes ⌈side / stride⌉, the odd extra zero at the end; with `'valid'` ⌊(side − window) / stride⌋ + 1.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the channel axis is missing or the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution3d/
 */
export class Conv3D extends SpaceConv {
  static readonly className: string = 'Conv3D';

  constructor(...args: ConvArguments<Conv3DOptions>) {
    super('Conv3D', 3, args);
  }
}

/** Keras's other name of {@link Conv3D}. */
export const Convolution3D = Conv3D;
/** Keras's other name of {@link Conv3D}. */
export type Convolution3D = Conv3D;
