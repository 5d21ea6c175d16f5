import { badArgument, type FoveaError, nearest, shown } from './errors.ts';

/** A class that can be written as a config and made again from it. */
// biome-ignore lint/suspicious/noExplicitAny: constructors of every signature
export type SerializableClass = abstract new (...args: any[]) => { getConfig(): object };

/** What `serialize` writes: the class by name, and the options that make an equal instance. */
export interface Serialized {
  className: string;
  config: Record<string, unknown>;
  registeredName?: string;
}

/** Classes by name, for names that nobody registered. */
export type CustomObjects = Readonly<Record<string, unknown>>;

type Class = SerializableClass & {
  className?: string;
  fromConfig?(config: object, customObjects?: CustomObjects): unknown;
};

const modules = new Map<string, () => object>();
const registered = new Map<string, Class>();
const registeredNames = new WeakMap<object, string>();

/**
 * Makes the classes that a module of Keras's name exports known. They are looked up at first use, so a
 * module may provide itself.
 */
export function provide(module: string, exports: () => object): void {
  modules.set(module, exports);
}

/**
 * Makes a class of your own loadable: `fromConfig` and `loadModel` find it by name.
 *
 * @param options.name the name in configs; the class's own if left out
 * @param options.package tells classes of one name apart; `Custom` if left out
 */
export function registerSerializable<C extends SerializableClass>(
  Class: C,
  options: { name?: string | undefined; package?: string | undefined } = {},
): C {
  const name = `${options.package ?? 'Custom'}>${options.name ?? classNameOf(Class)}`;
  registered.set(name, Class as Class);
  registeredNames.set(Class, name);
  return Class;
}

/**
 * The name of a class. Built-in classes carry theirs as a literal, since a minifier may rename the class.
 */
export function classNameOf(Class: abstract new (...args: never[]) => unknown): string {
  return Object.hasOwn(Class, 'className') ? String((Class as Class).className) : Class.name;
}

/** A part as data: its class by name, and its config. */
export function serialize(part: { getConfig(): object }): Serialized {
  const Class = part.constructor as Class;
  const name = registeredNames.get(Class);
  return {
    className: classNameOf(Class),
    config: part.getConfig() as Record<string, unknown>,
    ...(name === undefined ? {} : { registeredName: name }),
  };
}

/** A part for a config: as data if it can be, else itself, as a function of the user's own. */
export function savable(part: object): object {
  return 'getConfig' in part ? serialize(part as { getConfig(): object }) : part;
}

/** Whether a value is what `serialize` writes. */
export function isSerialized(value: unknown): value is Serialized {
  return typeof value === 'object' && value !== null && 'className' in value && 'config' in value;
}

/** The module of Keras that a class is in, `null` for the user's own. */
export function moduleOf(className: string): string | null {
  for (const [module, exports] of modules) {
    if (find(exports(), className) !== undefined) return module;
  }
  return null;
}

/**
 * A part made from data.
 *
 * @param data what `serialize` wrote
 * @param customObjects classes of yours by name; they win over all others
 * @throws FoveaError `BAD_ARGUMENT` if nobody knows the class
 */
export function deserialize<T>(data: Serialized, customObjects: CustomObjects = {}): T {
  const Class = lookUp(data, customObjects);
  if (Class.fromConfig !== undefined) return Class.fromConfig(data.config, customObjects) as T;
  return new (Class as unknown as new (config: object) => T)(data.config);
}

function lookUp({ className, registeredName }: Serialized, customObjects: CustomObjects): Class {
  const own = Object.hasOwn(customObjects, className) ? customObjects[className] : undefined;
  if (typeof own === 'function') return own as unknown as Class;
  const known = registered.get(registeredName ?? `Custom>${className}`);
  if (known !== undefined) return known;
  for (const exports of modules.values()) {
    const Found = find(exports(), className);
    if (Found !== undefined) return Found;
  }
  const names = [...modules.values()].flatMap((exports) => classes(exports()).map(classNameOf));
  const meant = nearest(className, [...names, ...registered.keys()]);
  throw badArgument(
    className,
    `unknown class.${meant === undefined ? '' : ` Did you mean ${meant}?`} ` +
      'A class of your own is found after registerSerializable(Class), or in customObjects.',
  );
}

/** What makes the part that a name stands for. */
export type Makers<T> = Readonly<Record<string, () => T>>;

/**
 * The part that a name stands for, or that was written by `serialize`.
 *
 * @param kind what it is, for messages: `loss`, `optimizer`, …
 * @param exports the classes of this kind, which may be named too
 * @param where who asks, for messages; the kind if left out
 * @throws FoveaError `BAD_ARGUMENT` for an unknown name, naming the nearest
 */
export function fromName<T>(kind: string, identifier: unknown, makers: Makers<T>, exports: object, where = kind): T {
  // Losses and metrics have classes of one name: those of this kind win.
  if (isSerialized(identifier)) return deserialize<T>(identifier, exports as CustomObjects);
  if (typeof identifier === 'string') {
    if (Object.hasOwn(makers, identifier)) return makers[identifier]!();
    const Found = find(exports, identifier);
    if (Found !== undefined) return new (Found as unknown as new () => T)();
  }
  throw unknownName(where, kind, identifier, Object.keys(makers));
}

/** The error for a name that stands for nothing of its kind. */
export function unknownName(where: string, kind: string, name: unknown, known: readonly string[]): FoveaError {
  const meant = typeof name === 'string' ? nearest(name, known) : undefined;
  const hint = meant === undefined ? `Known: ${known.join(', ')}.` : `Did you mean '${meant}'?`;
  return badArgument(where, `unknown ${kind} ${shown(name)}. ${hint}`);
}

/** Throws for a class where an instance is wanted: its `new` was forgotten. */
export function checkInstance(where: string, value: unknown): void {
  if (typeof value !== 'function' || !Object.hasOwn(value, 'className')) return;
  const name = classNameOf(value as SerializableClass);
  throw badArgument(where, `${name} is a class; an instance is needed: new ${name}(…).`);
}

const classes = (exports: object): Class[] =>
  Object.values(exports).filter((value) => typeof value === 'function' && Object.hasOwn(value, 'className'));

const find = (exports: object, className: string): Class | undefined =>
  classes(exports).find((Class) => Class.className === className);

type Capital =
  | ('A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M')
  | ('N' | 'O' | 'P' | 'Q' | 'R' | 'S' | 'T' | 'U' | 'V' | 'W' | 'X' | 'Y' | 'Z');
type Small = Lowercase<Capital>;

/** What follows the first letter: capitals become small until one begins a word. */
type Rest<S extends string> = S extends `${infer A extends Capital}${infer B}`
  ? B extends `${Small}${string}`
    ? S
    : `${Lowercase<A>}${Rest<B>}`
  : S;

/** {@link camelName} as a type. */
export type CamelName<S extends string> = S extends `${infer A}${infer B}` ? `${Lowercase<A>}${Rest<B>}` : S;

/** A class in camelCase, the string that stands for it: `HeNormal` → `heNormal`, `KLDivergence` → `klDivergence`. */
export const camelName = (className: string): string =>
  className.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (letters) => letters.toLowerCase());

/** A class that strings can stand for, with what else it is called. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it makes
type Named = { new (): any; readonly className: string; readonly aliases?: readonly string[] };

type NamesOfClass<K, C> = C extends Named
  ? CamelName<K & string> | (C extends { readonly aliases: readonly (infer A extends string)[] } ? A : never)
  : never;

/** The strings that stand for the classes among a module's exports which need no argument. */
export type NamesOf<Exports> = { [K in keyof Exports]: NamesOfClass<K, Exports[K]> }[keyof Exports];

/** What makes the parts that strings stand for: all classes among a module's exports, by their names. */
export function makersOf<T>(exports: object): Makers<T> {
  const makers: Record<string, () => T> = {};
  for (const value of Object.values(exports)) {
    if (typeof value !== 'function' || !Object.hasOwn(value, 'className')) continue;
    const Class = value as Named;
    const aliases = Object.hasOwn(Class, 'aliases') ? (Class.aliases ?? []) : [];
    for (const name of [camelName(Class.className), ...aliases]) makers[name] = () => new Class() as T;
  }
  return makers;
}

/** A class as a function, for those who write `l2(0.01)` where others write `new L2(0.01)`. */
// biome-ignore lint/suspicious/noExplicitAny: constructors of every signature
export function maker<C extends new (...args: any[]) => unknown>(
  Class: C,
): (...args: ConstructorParameters<C>) => InstanceType<C> {
  return (...args) => new Class(...args) as InstanceType<C>;
}
