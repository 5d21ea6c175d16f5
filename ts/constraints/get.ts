import { checkInstance, fromName, makersOf, type NamesOf, provide, type Serialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import type { Constraint } from './constraint.ts';
import * as all from './norms.ts';

/** The names of the constraints. */
export type ConstraintName = NamesOf<typeof all>;

/** What a weight keeps: something to call. */
export type ConstraintFunction = Constraint | ((w: Tensor) => Tensor);

/** A constraint without its call, so that the compiler knows the parameter of a function in its place. */
type Instance = Pick<Constraint, keyof Constraint>;

/** A constraint by name, as an instance, as a function of the weight, or as `serialize` wrote it. */
export type ConstraintLike = ConstraintName | Instance | ((w: Tensor) => Tensor) | Serialized;

/**
 * The constraint that a layer's option names, `null` for none.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function get(constraint: ConstraintLike | null | undefined, where = 'constraint'): ConstraintFunction | null {
  if (constraint === undefined || constraint === null) return null;
  checkInstance(where, constraint);
  if (typeof constraint === 'function') return constraint;
  return fromName<Constraint>('constraint', constraint, makersOf<Constraint>(all), all, where);
}

provide('keras.constraints', () => all);
