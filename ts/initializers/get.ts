import { checkInstance, fromName, provide, type Serialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import * as constants from './constants.ts';
import type { Initializer, InitializerCallOptions } from './initializer.ts';
import { Orthogonal } from './orthogonal.ts';
import * as random from './random.ts';
import * as scaling from './scaling.ts';

const classes = { ...constants, ...random, ...scaling, Orthogonal };

const byName = {
  zeros: () => new constants.Zeros(),
  ones: () => new constants.Ones(),
  constant: () => new constants.Constant(),
  identity: () => new constants.Identity(),
  randomNormal: () => new random.RandomNormal(),
  randomUniform: () => new random.RandomUniform(),
  truncatedNormal: () => new random.TruncatedNormal(),
  varianceScaling: () => new scaling.VarianceScaling(),
  glorotUniform: () => new scaling.GlorotUniform(),
  glorotNormal: () => new scaling.GlorotNormal(),
  lecunUniform: () => new scaling.LecunUniform(),
  lecunNormal: () => new scaling.LecunNormal(),
  heUniform: () => new scaling.HeUniform(),
  heNormal: () => new scaling.HeNormal(),
  orthogonal: () => new Orthogonal(),
};

/** The names of the initializers. */
export type InitializerName = keyof typeof byName;

/** What a layer keeps: something that makes a tensor of a shape. */
export type InitializerFunction = Initializer | Making;

/** A function of one's own that makes a tensor of a shape. */
type Making = (shape: readonly number[], options: InitializerCallOptions) => Tensor;

/** An initializer without its call, so that the compiler knows the parameters of a function in its place. */
type Instance = Pick<Initializer, keyof Initializer>;

/** An initializer by name, as an instance, as a function, or as `serialize` wrote it. */
export type InitializerLike = InitializerName | Instance | Making | Serialized;

/**
 * The initializer that a layer's option names.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(initializer: InitializerLike, where = 'initializer'): InitializerFunction {
  checkInstance(where, initializer);
  if (typeof initializer === 'function') return initializer;
  return fromName<Initializer>('initializer', initializer, byName, classes, where);
}

provide('keras.initializers', () => classes);
