import { badArgument, nearest, shown } from '../errors.ts';
import { deserialize, isSerialized, provide, type Serialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import * as constants from './constants.ts';
import type { Initializer, InitializerCallOptions } from './initializer.ts';
import { Orthogonal } from './orthogonal.ts';
import { RandomNormal, RandomUniform, TruncatedNormal } from './random.ts';
import * as scaling from './scaling.ts';

const byName = {
  zeros: constants.Zeros,
  ones: constants.Ones,
  constant: constants.Constant,
  identity: constants.Identity,
  randomNormal: RandomNormal,
  randomUniform: RandomUniform,
  truncatedNormal: TruncatedNormal,
  varianceScaling: scaling.VarianceScaling,
  glorotUniform: scaling.GlorotUniform,
  glorotNormal: scaling.GlorotNormal,
  lecunUniform: scaling.LecunUniform,
  lecunNormal: scaling.LecunNormal,
  heUniform: scaling.HeUniform,
  heNormal: scaling.HeNormal,
  orthogonal: Orthogonal,
};

/** The names of the initializers. */
export type InitializerName = keyof typeof byName;

/** What a layer keeps: something that makes a tensor of a shape. */
export type InitializerFunction = Initializer | ((shape: readonly number[], options: InitializerCallOptions) => Tensor);

/** An initializer by name, as an instance, as a function, or as `serialize` wrote it. */
export type InitializerLike = InitializerName | InitializerFunction | Serialized;

/**
 * The initializer that a layer's option names.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(initializer: InitializerLike, where = 'initializer'): InitializerFunction {
  if (typeof initializer === 'function') return initializer;
  if (isSerialized(initializer)) return deserialize<Initializer>(initializer);
  if (typeof initializer === 'string' && Object.hasOwn(byName, initializer)) return new byName[initializer]();
  const meant = typeof initializer === 'string' ? nearest(initializer, Object.keys(byName)) : undefined;
  throw badArgument(
    where,
    `unknown initializer ${shown(initializer)}.${meant === undefined ? '' : ` Did you mean '${meant}'?`}`,
  );
}

provide('keras.initializers', () => Object.fromEntries(Object.entries(byName)));
