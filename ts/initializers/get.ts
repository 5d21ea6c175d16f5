import { badArgument } from '../errors.ts';
import { checkInstance, fromName, makersOf, type NamesOf, provide, type Serialized } from '../registry.ts';
import { Tensor } from '../tensor.ts';
import * as all from './all.ts';
import type { Initializer, InitializerCallOptions } from './initializer.ts';

/** The names of the initializers. */
export type InitializerName = NamesOf<typeof all>;

/** What a layer keeps: something that makes a tensor of a shape. */
export type InitializerFunction = Initializer | Making;

/** A function of one's own that makes a tensor of a shape. */
type Making = (shape: readonly number[], options: InitializerCallOptions) => Tensor;

/** An initializer without its call, so that the compiler knows the parameters of a function in its place. */
type Instance = Pick<Initializer, keyof Initializer>;

/** An initializer by name, as an instance, as a function, as the value itself, or as `serialize` wrote it. */
export type InitializerLike = InitializerName | Instance | Making | Tensor | Serialized;

/**
 * The initializer that a layer's option names.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(initializer: InitializerLike, where = 'initializer'): InitializerFunction {
  checkInstance(where, initializer);
  if (typeof initializer === 'function') return initializer;
  if (initializer instanceof Tensor) {
    const made: Making = (shape, options) => value(where, initializer, shape, options);
    return made;
  }
  return fromName<Initializer>('initializer', initializer, makersOf<Initializer>(all), all, where);
}

/** A tensor as the first value of a weight, whose shape it must have. */
function value(where: string, made: Tensor, shape: readonly number[], { dtype }: InitializerCallOptions = {}): Tensor {
  if (String(made.shape) !== String(shape))
    throw badArgument(where, `a tensor of shape [${shape.join(', ')}] is needed; received ${made}.`);
  return dtype === undefined || dtype === made.dtype ? made : made.cast(dtype);
}

provide('keras.initializers', () => all);
