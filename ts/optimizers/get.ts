import { checkInstance, fromName, type Makers, provide, type Serialized } from '../registry.ts';
import * as all from './all.ts';
import { Optimizer } from './optimizer.ts';

type Classes = typeof all;

/** The names of the optimizers: their classes in small letters. */
export type OptimizerName = Lowercase<keyof Classes>;

/** An optimizer by name, as an instance, or as `serialize` wrote it. */
export type OptimizerLike = OptimizerName | Optimizer | Serialized;

/** What makes each optimizer, by name. */
const byName = (): Makers<Optimizer> => {
  const classes = Object.entries(all) as [string, new () => Optimizer][];
  return Object.fromEntries(classes.map(([name, Class]) => [name.toLowerCase(), () => new Class()]));
};

/**
 * The optimizer that a name stands for.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(identifier: OptimizerLike): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  checkInstance('optimizer', identifier);
  return fromName<Optimizer>('optimizer', identifier, byName(), all);
}

provide('keras.optimizers', () => all);
