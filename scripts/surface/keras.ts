import { read } from '../tools.mjs';

/** A parameter of Keras. */
export interface KerasParameter {
  name: string;
  /** Missing where the parameter is needed. */
  default?: unknown;
  /** Whether it can be given by its name alone. */
  keyword?: true;
}

/** What Keras has under a name: see __test__/recordings/README.md. */
export interface KerasEntry {
  kind?: 'class' | 'function' | 'value' | 'method' | 'property';
  /** Another name of the same module, for the same thing. */
  alias?: string;
  parameters?: KerasParameter[];
  /** What the recorded instance was made with, and the config it had. */
  options?: Record<string, unknown>;
  config?: Record<string, unknown>;
}

/** The recorded surface of Keras. */
export interface KerasSurface {
  keras: string;
  modules: Record<string, Record<string, KerasEntry>>;
  members: Record<string, Record<string, KerasEntry>>;
  elsewhere: { names: string[]; modules: Record<string, string[]> };
}

/** What real Keras offers. */
export const kerasSurface = (): KerasSurface => JSON.parse(read('__test__/recordings/surface.json')) as KerasSurface;

/** A name as Fovea writes it: `_` dropped, what follows capitalised; classes as they are. */
export const translated = (name: string): string =>
  name.replace(/(?<=[^_])_+([a-z0-9])/gi, (_, c: string) => c.toUpperCase());

/** A value of Keras's as Fovea writes it: words, keys and nested parts in camelCase. */
export function translatedValue(value: unknown): unknown {
  if (typeof value === 'string') return translated(value);
  if (Array.isArray(value)) return value.map(translatedValue);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (record.class_name === 'DTypePolicy') return (record.config as { name: string }).name;
  const kept = Object.entries(record).filter(([key]) => key !== 'module' && key !== 'registered_name');
  return Object.fromEntries(kept.map(([key, item]) => [translated(key), translatedValue(item)]));
}
