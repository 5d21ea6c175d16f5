import type { Serialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';

/** A learning rate that depends on how many updates there were: a function, or an instance of a class of `schedules`. */
export type Schedule = (step: Tensor) => Tensor;

/**
 * A schedule beside an options object `O` in one parameter. It says that it has none of the options, so that
 * TypeScript still suggests the option that a misspelt one was meant to be. (Every function has a `name`.)
 */
export type ScheduleBeside<O> = Schedule & { readonly [Name in Exclude<keyof O, 'name'>]?: never };

/** Options that every optimizer knows. */
export interface OptimizerOptions {
  /** A number, a schedule, or a function of the step. */
  learningRate?: number | Schedule | Serialized | undefined;
  /** Draws weights towards 0, apart from the gradient: `w −= w · weightDecay · learningRate`. None if left out. */
  weightDecay?: number | null | undefined;
  /** Scales a gradient whose norm is greater down to it. */
  clipnorm?: number | null | undefined;
  /** Cuts gradients to −clipvalue … clipvalue. */
  clipvalue?: number | null | undefined;
  /** Scales all gradients down if their common norm is greater. */
  globalClipnorm?: number | null | undefined;
  /** Keeps a moving average of the weights, which they take at the end of `fit`; `false` if left out. */
  useEma?: boolean | undefined;
  /** How much of the average stays in each step, 0.99 if left out. */
  emaMomentum?: number | undefined;
  /** The weights take the average every so many updates too; only at the end of `fit` if left out. */
  emaOverwriteFrequency?: number | null | undefined;
  /** Sums the gradients of so many steps, at least 2, and updates once with their mean; each step if left out. */
  gradientAccumulationSteps?: number | null | undefined;
  /** Automatic if left out: the class in snake case, numbered. */
  name?: string | undefined;
}

/** The names of {@link OptimizerOptions} behind an optimizer's own, in Keras's order. */
export const optimizerOptions = [
  'weightDecay',
  'clipnorm',
  'clipvalue',
  'globalClipnorm',
  'useEma',
  'emaMomentum',
  'emaOverwriteFrequency',
  'gradientAccumulationSteps',
  'name',
] as const;

/** Which variables keep their size: by themselves, or by a part of their name (`'bias'`). */
export interface WeightDecayExclusion {
  /** The variables. */
  varList?: readonly Tensor[] | null | undefined;
  /** Regular expressions; a variable whose name has a match is left out. */
  varNames?: readonly string[] | null | undefined;
}

/** How state that belongs to a variable begins. */
export interface SlotOptions {
  /** What fills it at first, 0 if left out; a function makes the whole of it, and is called outside any trace. */
  initial?: number | (() => Tensor) | undefined;
  /** The variable's if left out. */
  shape?: readonly number[] | undefined;
  /** Its own name; by default that of the variable and what it is for. */
  path?: string | undefined;
}
