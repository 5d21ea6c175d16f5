import { isDeepStrictEqual } from 'node:util';
import type { Entry, FoveaTypes } from './fovea.ts';
import { type KerasEntry, type KerasParameter, type KerasSurface, translated, translatedValue } from './keras.ts';

/** How a thing of Keras's stands in Fovea. */
export interface Row {
  /** Where it is and what it is called, in Fovea's spelling: `layers.Conv2D`, `models.Model.fit`. */
  path: string;
  /** What Fovea takes there, `null` if there is no such thing. */
  ours: Entry | null;
  /** In Keras's order, in Fovea's spelling. */
  parameters: string[];
  /** Other names of the same thing, in Fovea's spelling. */
  aliases: string[];
  /** Keras's parameters that Fovea lacks. */
  absent: string[];
  /** Parameters that differ, with what differs in a few words. */
  different: Map<string, string>;
}

/** The exports of Fovea's modules as they run, for asking classes what they take. */
export type Modules = Readonly<Record<string, unknown>>;

/** All that Keras has, module by module, as it stands in Fovea. */
export function compare(keras: KerasSurface, types: FoveaTypes, fovea: Modules): Row[] {
  const rows = Object.entries(keras.modules).flatMap(([module, names]) => {
    const exported = types.module(module);
    const running = runningModule(fovea, module);
    const main = Object.entries(names).filter(([, entry]) => entry.alias === undefined);
    return main.flatMap(([name, entry]) => {
      const same = Object.keys(names).filter((other) => names[other]!.alias === name);
      const row = compareEntry(`${module}.${translated(name)}`, entry, exported?.get(translated(name)) ?? null);
      row.aliases = same.map(translated).filter((alias) => exported?.has(alias));
      if (row.ours !== null) compareDefaults(row, entry, running?.[translated(name)]);
      const lacking = same.filter((alias) => !row.aliases.includes(translated(alias)));
      return [row, ...lacking.map((alias) => compareEntry(`${module}.${translated(alias)}`, entry, null))];
    });
  });
  const members = Object.entries(keras.members).flatMap(([path, names]) => compareMembers(path, names, types, keras));
  return [...rows, ...members, ...compareElsewhere(keras, types)];
}

/** What is compared by its name alone: top-level names, and the modules of their own. */
function compareElsewhere(keras: KerasSurface, types: FoveaTypes): Row[] {
  const row = (path: string, ours: Entry | null): Row => ({
    path,
    ours,
    parameters: [],
    aliases: [],
    absent: [],
    different: new Map(),
  });
  const top = types.module('')!;
  const names = keras.elsewhere.names.map((name) =>
    row(`keras.${translated(name)}`, top.get(translated(name)) ?? null),
  );
  const modules = Object.keys(keras.elsewhere.modules).map((path) => {
    const there = types.module(translated(path)) !== undefined;
    return row(`modules.${path}`, there ? { kind: 'value', parameters: [], members: () => new Map() } : null);
  });
  return [...names, ...modules];
}

function compareMembers(
  path: string,
  names: Record<string, KerasEntry>,
  types: FoveaTypes,
  keras: KerasSurface,
): Row[] {
  const [module, Class] = [path.slice(0, path.lastIndexOf('.')), path.slice(path.lastIndexOf('.') + 1)];
  const members = types.module(module)?.get(Class)?.members();
  // What a class has from one above it that is compared too is said there.
  const above = ({ 'models.Model': 'layers.Layer', 'models.Sequential': 'models.Model' } as Record<string, string>)[
    path
  ];
  return Object.entries(names)
    .filter(([name, entry]) => above === undefined || !isDeepStrictEqual(keras.members[above]?.[name], entry))
    .map(([name, entry]) => compareEntry(`${path}.${translated(name)}`, entry, members?.get(translated(name)) ?? null));
}

function runningModule(fovea: Modules, path: string): Modules | undefined {
  let found: unknown = fovea;
  for (const name of path.split('.')) found = (found as Modules | undefined)?.[name];
  return found as Modules | undefined;
}

function compareEntry(path: string, entry: KerasEntry, ours: Entry | null): Row {
  const wanted = entry.parameters ?? [];
  const parameters = wanted.map(({ name }) => translated(name));
  const row: Row = { path, ours, parameters, aliases: [], absent: [], different: new Map() };
  if (ours !== null && ours.kind !== 'value') compareParameters(row, wanted, ours, entry.kind === 'class');
  return row;
}

/**
 * In the positional run of a function or method only the places count, not the names. What Fovea lacks has no
 * place in it.
 */
function compareParameters(row: Row, wanted: readonly KerasParameter[], ours: Entry, byName: boolean): void {
  const places = ours.parameters.filter(({ positional }) => positional).map(({ name }) => name);
  const known = new Set(ours.parameters.map(({ name }) => name));
  const named = new Set(row.parameters);
  const stands = (index: number) => !byName && places[index] !== undefined && !named.has(places[index]);
  const lacking = wanted.filter(
    ({ name, keyword }, index) => !known.has(translated(name)) && (keyword || !stands(index)),
  );
  row.absent = lacking.map(({ name }) => translated(name));
  const there = wanted.filter((parameter) => !lacking.includes(parameter));
  for (const [index, { name, keyword }] of there.entries()) {
    const place = places.indexOf(translated(name));
    if (keyword || place < 0 || place === index) continue;
    row.different.set(translated(name), `is argument ${place + 1}, in Keras ${index + 1}`);
  }
}

/** Makes an instance as the recorder did, and sets the two configs side by side. */
function compareDefaults(row: Row, entry: KerasEntry, Class: unknown): void {
  if (entry.kind !== 'class' || entry.config === undefined || typeof Class !== 'function') return;
  const options = translatedValue(entry.options) as Modules;
  const made = instance(row, Class, options);
  if (made instanceof Error) {
    row.different.set('…', `cannot be made with ${JSON.stringify(options)}: ${made.message}`);
    return;
  }
  for (const name of Object.keys(options)) {
    const others = Object.fromEntries(Object.entries(options).filter(([other]) => other !== name));
    if (!(instance(row, Class, others) instanceof Error)) row.different.set(name, 'may be left out');
  }
  const config = ('getConfig' in made ? (made as { getConfig(): object }).getConfig() : made) as Record<
    string,
    unknown
  >;
  for (const [key, value] of Object.entries(entry.config)) {
    const own = translated(key);
    if (!row.parameters.includes(own) || row.absent.includes(own) || own in options || !(own in config)) continue;
    // Automatic names are written as Keras writes them, with a number from the second on.
    const theirs = own === 'name' ? value : translatedValue(value);
    const ours = own === 'name' ? String(config[own]).replace(/_\d+$/, '') : (config[own] ?? null);
    if (!alike(theirs, ours)) row.different.set(own, `is ${shown(ours)}, in Keras ${shown(theirs)}`);
  }
}

/** An instance with nothing but what it needs, given by place as far as that goes. */
function instance(row: Row, Class: unknown, options: Modules): object | Error {
  const places = row.ours!.parameters.filter(({ positional }) => positional).map(({ name }) => name);
  const end = places.findIndex((name) => !(name in options));
  const run = end < 0 ? places : places.slice(0, end);
  const rest = Object.entries(options).filter(([name]) => !run.includes(name));
  try {
    const last = rest.length > 0 ? [Object.fromEntries(rest)] : [];
    return new (Class as new (...args: unknown[]) => object)(...run.map((name) => options[name]), ...last);
  } catch (error) {
    return error as Error;
  }
}

/** Whether two values of configs mean the same: 2 and [2, 2] do. */
function alike(theirs: unknown, ours: unknown): boolean {
  if (typeof theirs === 'number' && typeof ours === 'number') return Math.abs(theirs - ours) <= 1e-6 * Math.abs(theirs);
  if (Array.isArray(theirs) && Array.isArray(ours))
    return theirs.length === ours.length && theirs.every((item, index) => alike(item, ours[index]));
  if (Array.isArray(theirs)) return theirs.every((item) => alike(item, ours));
  if (Array.isArray(ours)) return ours.every((item) => alike(theirs, item));
  if (typeof theirs !== 'object' || typeof ours !== 'object' || theirs === null || ours === null)
    return theirs === ours;
  const [a, b] = [theirs as Record<string, unknown>, ours as Record<string, unknown>];
  return Object.keys(a).every((key) => !(key in b) || alike(a[key], b[key]));
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'className' in value) return String(value.className);
  return JSON.stringify(value) ?? String(value);
}
