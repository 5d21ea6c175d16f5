import { checkInstance, unknownName } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import * as functions from './functions.ts';

const byName = { ...functions };

/** A function of one tensor, applied element by element or along the last axis. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** The names of the activation functions which need no options. */
export type ActivationName = {
  [K in keyof typeof byName]: (typeof byName)[K] extends ActivationFunction ? K : never;
}[keyof typeof byName];

/** An activation by name or as a function. */
export type ActivationLike = ActivationName | ActivationFunction;

/**
 * The activation function of a name; a function is itself, nothing is `linear`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(activation: ActivationLike | null | undefined, where = 'activation'): ActivationFunction {
  if (activation === undefined || activation === null) return functions.linear;
  checkInstance(where, activation);
  if (typeof activation === 'function') return activation;
  if (Object.hasOwn(byName, activation)) return byName[activation];
  throw unknownName(where, 'activation', activation, Object.keys(byName));
}

/** The name of an activation function; a function of your own is itself. */
export function serialize(activation: ActivationFunction): ActivationLike {
  const found = Object.entries(byName).find(([, builtIn]) => builtIn === activation);
  return found === undefined ? activation : (found[0] as ActivationName);
}
