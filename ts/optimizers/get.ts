import { checkInstance, fromName, provide, type Serialized } from '../registry.ts';
import { Adam, AdamW } from './adam.ts';
import { Optimizer } from './optimizer.ts';
import { RMSprop } from './rmsprop.ts';
import { SGD } from './sgd.ts';

const classes = { SGD, RMSprop, Adam, AdamW };

const byName = {
  sgd: () => new SGD(),
  rmsprop: () => new RMSprop(),
  adam: () => new Adam(),
  adamw: () => new AdamW(),
};

/** The names of the optimizers. */
export type OptimizerName = keyof typeof byName;

/** An optimizer by name, as an instance, or as `serialize` wrote it. */
export type OptimizerLike = OptimizerName | Optimizer | Serialized;

/**
 * The optimizer that a name stands for.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(identifier: OptimizerLike): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  checkInstance('optimizer', identifier);
  return fromName<Optimizer>('optimizer', identifier, byName, classes);
}

provide('keras.optimizers', () => classes);
