import { BaseConvTranspose, type ConvTransposeArguments } from './base-conv-transpose.ts';

export type { ConvTransposeOptions } from './base-conv-transpose.ts';

/**
 * A transposed convolution over sequences: what has the shape of a convolution's output becomes what has the shape of its
 * input.
 *
 * Input [batch, steps, channels], output [batch, steps', filters]; kernel [kernelSize, filters, channels],
 * bias [filters]. With padding `'same'` a side becomes
 * side · stride, with `'valid'` (side − 1) · stride + max(window, stride); with `outputPadding`
 * (side − 1) · stride + window % 2 + outputPadding and (side − 1) · stride + window + outputPadding.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if `outputPadding` asks for a side of which no
 *   convolution makes the input's; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution1d_transpose/
 */
export class Conv1DTranspose extends BaseConvTranspose {
  static readonly className: string = 'Conv1DTranspose';

  constructor(...args: ConvTransposeArguments) {
    super('Conv1DTranspose', 1, args);
  }
}

/**
 * A transposed convolution over images: what has the shape of a convolution's output becomes what has the shape of its
 * input.
 *
 * Input [batch, height, width, channels], output [batch, height', width', filters];
 * kernel [kernelHeight, kernelWidth, filters, channels], bias [filters]. With padding `'same'` a side becomes
 * side · stride, with `'valid'` (side − 1) · stride + max(window, stride); with `outputPadding`
 * (side − 1) · stride + window % 2 + outputPadding and (side − 1) · stride + window + outputPadding.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if `outputPadding` asks for a side of which no
 *   convolution makes the input's; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
 */
export class Conv2DTranspose extends BaseConvTranspose {
  static readonly className: string = 'Conv2DTranspose';

  constructor(...args: ConvTransposeArguments) {
    super('Conv2DTranspose', 2, args);
  }
}

/**
 * A transposed convolution over volumes: what has the shape of a convolution's output becomes what has the shape of its
 * input.
 *
 * Input [batch, depth, height, width, channels], output [batch, depth', height', width', filters];
 * kernel [kernelDepth, kernelHeight, kernelWidth, filters, channels], bias [filters]. With padding `'same'` a side becomes
 * side · stride, with `'valid'` (side − 1) · stride + max(window, stride); with `outputPadding`
 * (side − 1) · stride + window % 2 + outputPadding and (side − 1) · stride + window + outputPadding.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of another rank, or if `outputPadding` asks for a side of which no
 *   convolution makes the input's; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution3d_transpose/
 */
export class Conv3DTranspose extends BaseConvTranspose {
  static readonly className: string = 'Conv3DTranspose';

  constructor(...args: ConvTransposeArguments) {
    super('Conv3DTranspose', 3, args);
  }
}

/** Keras's other name of {@link Conv1DTranspose}. */
export const Convolution1DTranspose = Conv1DTranspose;
/** Keras's other name of {@link Conv1DTranspose}. */
export type Convolution1DTranspose = Conv1DTranspose;

/** Keras's other name of {@link Conv2DTranspose}. */
export const Convolution2DTranspose = Conv2DTranspose;
/** Keras's other name of {@link Conv2DTranspose}. */
export type Convolution2DTranspose = Conv2DTranspose;

/** Keras's other name of {@link Conv3DTranspose}. */
export const Convolution3DTranspose = Conv3DTranspose;
/** Keras's other name of {@link Conv3DTranspose}. */
export type Convolution3DTranspose = Conv3DTranspose;
