import { badArgument, nearest, shown } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import * as functions from './functions.ts';

/** The names of the activation functions. */
export type ActivationName = keyof typeof functions;

/** A function of one tensor, applied element by element or along the last axis. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** An activation by name or as a function. */
export type ActivationLike = ActivationName | ActivationFunction;

/**
 * The activation function of a name; a function is itself, nothing is `linear`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(activation: ActivationLike | null | undefined, where = 'activation'): ActivationFunction {
  if (activation === undefined || activation === null) return functions.linear;
  if (typeof activation === 'function') return activation;
  if (Object.hasOwn(functions, activation)) return functions[activation];
  const meant = nearest(String(activation), Object.keys(functions));
  throw badArgument(
    where,
    `unknown activation ${shown(activation)}.${meant === undefined ? '' : ` Did you mean '${meant}'?`}`,
  );
}

/** The name of an activation function; a function of your own is itself. */
export function serialize(activation: ActivationFunction): ActivationLike {
  const found = Object.entries(functions).find(([, builtIn]) => builtIn === activation);
  return found === undefined ? activation : (found[0] as ActivationName);
}
