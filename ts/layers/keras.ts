import { isSerialized, moduleOf } from '../registry.ts';

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Options whose values are words of a fixed vocabulary, which Keras writes in snake case. */
const vocabularies = new Set(['activation', 'mode', 'outputMode', 'distribution']);

/** Records whose keys are the user's. */
const namedByUser = new Set(['inputLayers', 'outputLayers', 'args']);

/** A config, with all that is nested in it, as Keras writes it. */
export function toKeras(value: unknown): object {
  return convert(value, '') as object;
}

function convert(value: unknown, key: string): unknown {
  if (typeof value === 'string') return vocabularies.has(key) ? snake(value) : value;
  if (Array.isArray(value)) return value.map((item) => convert(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const converted = Object.fromEntries(
    Object.entries(value).map(([name, item]) =>
      namedByUser.has(key) ? [name, convert(item, key)] : [snake(name), convert(item, name)],
    ),
  );
  if (!isSerialized(value)) return converted;
  const module = moduleOf(value.className);
  const config = converted.config as Record<string, unknown>;
  if (typeof config.dtype === 'string' && value.className !== 'InputLayer') {
    const policy = {
      module: 'keras',
      class_name: 'DTypePolicy',
      config: { name: snake(config.dtype) },
      registered_name: null,
    };
    converted.config = { ...config, dtype: policy };
  }
  return { module, registered_name: module === null ? `Custom>${value.className}` : null, ...converted };
}
