import { BaseConv, type ConvArguments, type ConvOptions } from './base-conv.ts';
import { paddings, type SequencePadding } from './window.ts';

/** Options of {@link Conv1D}. */
export interface Conv1DOptions extends ConvOptions<SequencePadding> {}

/**
 * A convolution over sequences: activation(conv(x, kernel) + bias).
 *
 * Input [batch, steps, channels], output [batch, steps', filters];
 * kernel [kernelSize, channels / groups, filters], bias [filters]. With padding `'same'` steps' is ⌈steps / stride⌉, the
 * odd extra zero at the end; with `'valid'` ⌊(steps − window) / stride⌋ + 1; with `'causal'` ⌈steps / stride⌉ too, all
 * zeros before the first step, so that no output sees a step after its own.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the channel axis is missing or the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution1d/
 */
export class Conv1D extends BaseConv<SequencePadding> {
  static readonly className: string = 'Conv1D';

  constructor(...args: ConvArguments<Conv1DOptions>) {
    super('Conv1D', 1, [...paddings, 'causal'], args);
  }
}

/** Keras's other name of {@link Conv1D}. */
export const Convolution1D = Conv1D;
/** Keras's other name of {@link Conv1D}. */
export type Convolution1D = Conv1D;
