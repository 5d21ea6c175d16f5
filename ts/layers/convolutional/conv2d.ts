import { type ConvArguments, type ConvOptions, SpaceConv } from './base-conv.ts';

/** Options of {@link Conv2D}. */
export interface Conv2DOptions extends ConvOptions {}

/**
 * A convolution over images: activation(conv(x, kernel) + bias).
 *
 * Input [batch, height, width, channels], output [batch, height', width', filters];
 * kernel [kernelHeight, kernelWidth, channels / groups, filters], bias [filters]. With padding `'same'` height' is
 * ⌈height / stride⌉, the odd extra zero at the end; with `'valid'` ⌊(height − window) / stride⌋ + 1.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the channel axis is missing or the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution2d/
 */
export class Conv2D extends SpaceConv {
  static readonly className: string = 'Conv2D';

  constructor(...args: ConvArguments<Conv2DOptions>) {
    super('Conv2D', 2, args);
  }
}

/** Keras's other name of {@link Conv2D}. */
export const Convolution2D = Conv2D;
/** Keras's other name of {@link Conv2D}. */
export type Convolution2D = Conv2D;
