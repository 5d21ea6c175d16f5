import { checkInstance, fromName, provide, type Serialized } from '../registry.ts';
import * as classes from './classes.ts';
import { Loss, type LossFunction, LossFunctionWrapper } from './loss.ts';

const byName = {
  meanSquaredError: () => new classes.MeanSquaredError(),
  mse: () => new classes.MeanSquaredError(),
  meanAbsoluteError: () => new classes.MeanAbsoluteError(),
  mae: () => new classes.MeanAbsoluteError(),
  binaryCrossentropy: () => new classes.BinaryCrossentropy(),
  bce: () => new classes.BinaryCrossentropy(),
  categoricalCrossentropy: () => new classes.CategoricalCrossentropy(),
  sparseCategoricalCrossentropy: () => new classes.SparseCategoricalCrossentropy(),
};

/** The names of the losses. */
export type LossName = keyof typeof byName;

/** A loss as an instance. Without its call, so that the compiler knows the parameters of a function in its place. */
type Instance = Pick<Loss, keyof Loss>;

/** A loss by name, as an instance, as a function of labels and predictions, or as `serialize` wrote it. */
export type LossLike = LossName | Instance | LossFunction | Serialized;

/**
 * The loss that a name stands for; a function becomes a loss.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(identifier: LossLike): Loss {
  if (identifier instanceof Loss) return identifier;
  checkInstance('loss', identifier);
  if (typeof identifier === 'function') return new LossFunctionWrapper(identifier);
  return fromName<Loss>('loss', identifier, byName, classes);
}

provide('keras.losses', () => classes);
