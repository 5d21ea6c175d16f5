import { Variable } from '../tensor.ts';
import { Callable } from '../callable.ts';
import { isRecord } from './nest.ts';

/** Variables and callable parts among the public fields of an object, in order, however deep in arrays and records. */
export function fieldsOf(owner: object): { variables: Variable[]; parts: Callable[] } {
  const variables = new Set<Variable>();
  const parts = new Set<Callable>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Variable) variables.add(value);
    else if (value instanceof Callable) parts.add(value);
    else if (Array.isArray(value) || value instanceof Set) value.forEach(visit);
    else if (value instanceof Map) value.forEach(visit);
    else if (isRecord(value)) Object.values(value).forEach(visit);
  };
  seen.add(owner);
  Object.values(owner).forEach(visit);
  return { variables: [...variables], parts: [...parts] };
}
