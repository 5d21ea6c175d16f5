import { badArgument, oneOf } from '../../errors.ts';
import { sizesOf } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { showShape } from '../explain.ts';

/** What a window does at the edges: `'valid'` stays inside, `'same'` pads so that stride 1 keeps the size. */
export type Padding = 'valid' | 'same';

/** The words of {@link Padding}. */
export const paddings = ['valid', 'same'] as const;

/** {@link Padding} of a sequence: with `'causal'` an output sees its own step and those before it. */
export type SequencePadding = Padding | 'causal';

/** How windows move over the axes between batch and channels. */
export interface WindowOptions<P extends SequencePadding = Padding> {
  /** The window's sides: one number, or one for each axis. */
  kernelSize?: number | readonly number[] | undefined;
  /** How far windows are apart: one number, or one for each axis; 1 if left out. */
  strides?: number | readonly number[] | undefined;
  /** `'valid'` if left out. */
  padding?: P | undefined;
  /** Distance of neighbours in the window: one number, or one for each axis; 1 if left out. */
  dilationRate?: number | readonly number[] | undefined;
}

/** {@link WindowOptions}, complete. */
export interface Window<P extends SequencePadding = Padding> {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: P;
  readonly dilationRate: readonly number[];
}

/** What a layer's option `padding` says, in small or capital letters as in Keras; `'valid'` if left out. */
export function paddingName<P extends SequencePadding>(where: string, padding: unknown, allowed: readonly P[]): P {
  const given = padding ?? 'valid';
  return oneOf<P>(where, 'padding', typeof given === 'string' ? given.toLowerCase() : given, allowed);
}

/** The window that options of a layer describe, with a number for each of so many axes. */
export function windowOf<P extends SequencePadding>(
  where: string,
  options: WindowOptions<P>,
  axes: number,
  allowed: readonly P[],
): Window<P> {
  return {
    kernelSize: sizesOf(where, 'kernelSize', options.kernelSize, axes),
    strides: sizesOf(where, 'strides', options.strides ?? 1, axes),
    padding: paddingName(where, options.padding, allowed),
    dilationRate: sizesOf(where, 'dilationRate', options.dilationRate ?? 1, axes),
  };
}

/** Throws for a window that is both strided and dilated, as Keras does. */
export function checkSteps(where: string, { strides, dilationRate }: Window<SequencePadding>): void {
  if (Math.max(...strides) === 1 || Math.max(...dilationRate) === 1) return;
  throw badArgument(
    where,
    `strides over 1 and a dilationRate over 1 exclude each other; received strides [${strides}] and dilationRate ` +
      `[${dilationRate}].`,
  );
}

/** What a user reads instead of an op's error that a window does not fit. */
export function misfit(sentence: string, window: Window<SequencePadding>, inputs: readonly Tensor[]): string {
  if (!sentence.includes('does not fit')) return sentence;
  const { kernelSize, padding, dilationRate } = window;
  const dilated = dilationRate.some((rate) => rate > 1) ? ` with dilation ${dilationRate.join('×')}` : '';
  return (
    `kernel ${kernelSize.join('×')}${dilated} does not fit into its input ${showShape(inputs[0]!.shape)} with ` +
    `padding '${padding}'. Use padding 'same', a smaller kernel, or fewer pooling layers before it.`
  );
}
