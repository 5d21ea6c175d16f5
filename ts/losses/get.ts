import {
  type CustomObjects,
  checkInstance,
  fromName,
  deserialize as made,
  makersOf,
  type NamesOf,
  provide,
  type Serialized,
} from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import * as all from './all.ts';
import { Loss, type LossFunction, LossFunctionWrapper } from './loss.ts';

const classes = { ...all, LossFunctionWrapper };

/** The names of the losses; `crossentropy` and `ce` are chosen by the shapes of labels and predictions. */
export type LossName = NamesOf<typeof all> | 'crossentropy' | 'ce';

/** A loss as an instance. Without its call, so that the compiler knows the parameters of a function in its place. */
type Instance = Pick<Loss, keyof Loss>;

/** A loss by name, as an instance, as a function of labels and predictions, or as `serialize` wrote it. */
export type LossLike = LossName | Instance | LossFunction | Serialized;

/** The cross-entropy that fits: of one output, of class numbers, or of one-hot labels. */
function crossentropy(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.shape.at(-1) === 1) return all.binaryCrossentropy(yTrue, yPred);
  const sparse = yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1;
  return sparse ? all.sparseCategoricalCrossentropy(yTrue, yPred) : all.categoricalCrossentropy(yTrue, yPred);
}

/**
 * The loss that a name stands for; a function becomes a loss.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(identifier: LossLike): Loss {
  if (identifier instanceof Loss) return identifier;
  checkInstance('loss', identifier);
  if (typeof identifier === 'function') return new LossFunctionWrapper(identifier);
  const fitting = () => new LossFunctionWrapper(crossentropy, { name: 'crossentropy' });
  const makers = { ...makersOf<Loss>(all), crossentropy: fitting, ce: fitting };
  return fromName<Loss>('loss', identifier, makers, classes);
}

/**
 * A loss from what `serialize` wrote.
 *
 * @param customObjects classes of yours by name
 * @throws FoveaError `BAD_ARGUMENT` if nobody knows the class
 */
export function deserialize(config: Serialized, customObjects: CustomObjects = {}): Loss {
  return made<Loss>(config, { ...classes, ...customObjects });
}

provide('keras.losses', () => classes);
