import { flag, whole } from '../errors.ts';
import { numberWithin, optional } from '../options.ts';

/** Options of the cross-entropies. */
export interface CrossentropyOptions {
  /** Whether predictions are logits; probabilities if left out. */
  fromLogits?: boolean | undefined;
  /** The axis of the classes, the last if left out. */
  axis?: number | undefined;
}

/** Options of the cross-entropies of probabilities as labels. */
export interface SmoothedOptions extends CrossentropyOptions {
  /** Draws labels so far towards even ones, from 0 to 1; 0 if left out. */
  labelSmoothing?: number | undefined;
}

/** The names of {@link SmoothedOptions}. */
export const smoothedOptions = ['fromLogits', 'labelSmoothing', 'axis'] as const;

/** They as Keras's parameters, or options `O` in the place of one. */
export type SmoothedArguments<O> = [fromLogits?: boolean | O, labelSmoothing?: number | O, axis?: number | O];

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseOptions extends CrossentropyOptions {
  /** Samples of this class do not count; none if left out. */
  ignoreClass?: number | null | undefined;
}

/** The names of {@link SparseOptions}. */
export const sparseOptions = ['fromLogits', 'ignoreClass', 'axis'] as const;

/** Checks options and fills in the defaults. */
export function smoothedOf(
  where: string,
  options: SmoothedOptions,
): Required<{ [K in keyof SmoothedOptions]: NonNullable<SmoothedOptions[K]> }> {
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options;
  return {
    fromLogits: flag(where, 'fromLogits', fromLogits),
    labelSmoothing: numberWithin(where, 'labelSmoothing', labelSmoothing, 0, 1),
    axis: whole(where, 'axis', axis),
  };
}

/** Checks options and fills in the defaults. */
export function sparseOf(
  where: string,
  options: SparseOptions,
): { fromLogits: boolean; ignoreClass: number | null; axis: number } {
  const { fromLogits = false, ignoreClass, axis = -1 } = options;
  return {
    fromLogits: flag(where, 'fromLogits', fromLogits),
    ignoreClass: optional(whole, where, 'ignoreClass', ignoreClass),
    axis: whole(where, 'axis', axis),
  };
}
