import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from 'fovea';

/** A tensor as the recorder writes it. */
export interface Recorded {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: string;
}

/** The cases of a recording. */
export function cases<T>(topic: string, key = 'cases'): T[] {
  const url = new URL(`../recordings/${topic}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as Record<string, T[]>)[key]!;
}

/** The numbers of a recorded tensor. */
export function numbers({ dtype, data }: Recorded): Float32Array | Int32Array {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return dtype === 'float32' ? new Float32Array(bytes.buffer) : new Int32Array(bytes.buffer);
}

/** A recorded tensor as one of ours. */
export const restore = (recorded: Recorded): Tensor => tensor(numbers(recorded), { shape: recorded.shape });

/** The greatest difference, each relative to the recorded number where that is over 1. */
export async function difference(actual: Tensor, recorded: Recorded): Promise<number> {
  if (String(actual.shape) !== String(recorded.shape)) {
    throw new Error(`shape [${actual.shape}] instead of [${recorded.shape}]`);
  }
  const wanted = numbers(recorded);
  const data = await actual.data();
  let most = 0;
  for (const [index, value] of wanted.entries()) {
    const off = Math.abs(Number(data[index]) - value) / Math.max(1, Math.abs(value));
    if (!(off <= most)) most = off;
  }
  return most;
}

/** A name as ours is: `val_loss` → `valLoss`. */
export const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** Options whose values are words of a fixed vocabulary. */
const vocabularies = new Set(['activation', 'mode', 'distribution']);

/** Keras's keyword arguments as options: names in camelCase, nested objects by class. */
export function options(recorded: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [camel(name), option(name, value)]));
}

function option(name: string, value: unknown): unknown {
  if (typeof value === 'string' && (vocabularies.has(name) || /_(initializer|regularizer|constraint)$/.test(name)))
    return camel(value);
  if (Array.isArray(value)) return value.map((item) => option('', item));
  if (typeof value !== 'object' || value === null) return value;
  if (!('class_name' in value)) return options(value as Record<string, unknown>);
  const { class_name, config } = value as { class_name: string; config: Record<string, unknown> };
  if (class_name === 'DTypePolicy') return config.name;
  return { className: class_name, config: options(config) };
}
