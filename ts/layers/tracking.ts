import { Callable } from '../callable.ts';
import { isRecord } from '../options.ts';
import { type Tensor, Variable } from '../tensor.ts';

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

/** The variables that were read to compute outputs from inputs. */
export function variablesBetween(inputs: readonly Tensor[], outputs: readonly Tensor[]): Variable[] {
  const seen = new Set<Tensor>(inputs.map((input) => (input instanceof Variable ? input.value : input)));
  const found = new Set<Variable>();
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const { name, slot, inputs: sources } = tensor.node;
    if (name === 'read' && slot?.owner instanceof Variable) found.add(slot.owner);
    pending.push(...sources);
  }
  return [...found];
}
