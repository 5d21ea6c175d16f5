import { FoveaError } from '../errors.ts';
import type { Layer } from './layer.ts';
import { flatten } from './nest.ts';

const named = new WeakSet<Error>();

/** An error of an op inside a layer as an error of that layer; the innermost layer gives the name. */
export function nameTheLayer(layer: Layer, input: unknown, error: unknown): unknown {
  if (!(error instanceof FoveaError) || named.has(error)) return error;
  const prefix = `${error.where}: `;
  const sentence = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const own = error.code === 'SHAPE_MISMATCH' ? layer.explanation(flatten(input)) : null;
  const message = error.message.startsWith(String(layer)) ? error.message : `${layer}: ${own ?? sentence}`;
  const result = new FoveaError(error.code, message, layer.name, { cause: error });
  named.add(result);
  return result;
}

/** A shape as messages show it. */
export const showShape = (shape: readonly (number | null)[]): string => `[${shape.map(String).join(', ')}]`;
