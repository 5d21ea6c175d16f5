import { checkInstance, fromName, makersOf, type NamesOf, provide, type Serialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import * as all from './all.ts';
import type { Regularizer } from './regularizer.ts';

/** The names of the regularizers. */
export type RegularizerName = NamesOf<typeof all>;

/** A regularizer by name, as an instance, as a function of the tensor, or as `serialize` wrote it. */
export type RegularizerLike = RegularizerName | Regularizer | ((x: Tensor) => Tensor) | Serialized;

/** What a layer keeps: something to call. */
export type RegularizerFunction = Regularizer | ((x: Tensor) => Tensor);

/**
 * The regularizer that a layer's option names, `null` for none.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(
  regularizer: RegularizerLike | null | undefined,
  where = 'regularizer',
): RegularizerFunction | null {
  if (regularizer === undefined || regularizer === null) return null;
  checkInstance(where, regularizer);
  if (typeof regularizer === 'function') return regularizer;
  return fromName<Regularizer>('regularizer', regularizer, makersOf<Regularizer>(all), all, where);
}

provide('keras.regularizers', () => all);
