import { badArgument, nearest, shown } from '../errors.ts';
import { deserialize, isSerialized, type SerializableClass } from '../registry.ts';

/** What a name may stand for: a class of the house. */
export type Classes = Readonly<Record<string, SerializableClass>>;

/** A class in a table under its name and its other names. */
export interface Named<T> {
  readonly [name: string]: () => T;
}

/**
 * The part that a name stands for, or that was written by `serialize`.
 *
 * @param kind what it is, for messages: `loss`, `optimizer`, …
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function fromName<T>(kind: string, identifier: unknown, names: Named<T>, classes: Classes): T {
  // Losses and metrics have classes of one name: those of this kind win.
  if (isSerialized(identifier)) return deserialize<T>(identifier, classes);
  if (typeof identifier === 'string') {
    if (Object.hasOwn(names, identifier)) return names[identifier]!();
    const Class = Object.hasOwn(classes, identifier) ? classes[identifier] : undefined;
    if (Class !== undefined) return new (Class as unknown as new () => T)();
  }
  const meant = typeof identifier === 'string' ? nearest(identifier, Object.keys(names)) : undefined;
  const hint = meant === undefined ? `Known: ${Object.keys(names).join(', ')}.` : `Did you mean '${meant}'?`;
  throw badArgument(kind, `unknown ${kind} ${shown(identifier)}. ${hint}`);
}

/** `MeanSquaredError` → `meanSquaredError`. */
export const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** `accuracy` → `Accuracy`: what a log's name becomes behind an output's. */
export const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
