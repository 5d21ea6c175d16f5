import { gradients, ops, type Tensor, tensor, Variable } from 'fovea';
import { describe, expect, test } from 'vitest';
import { cases, difference, numbers, type Recorded, restore } from '../layers/recordings.ts';

interface OpCase {
  name: string;
  op: string;
  arguments: unknown[];
  inputs: (Recorded & { bytes?: boolean })[];
  several: boolean;
  outputs: Recorded[];
  cotangents: (Recorded | null)[];
  inputGradients: (Recorded | null)[];
}

type Op = (...args: unknown[]) => Tensor | Tensor[];

const tolerance = 1e-5;

/** The arguments of a case, with tensors where its inputs stand. */
function filled(value: unknown, inputs: readonly Tensor[]): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, inputs));
  if (value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('$input' in value) return inputs[value.$input as number];
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, inputs)]));
}

async function compare(recorded: OpCase, op: Op): Promise<void> {
  const inputs = recorded.inputs.map((input) => {
    const value = restore(input);
    if (value.dtype !== 'float32') return recorded.name.includes('uint8') ? value.cast('uint8') : value;
    return new Variable({ initial: value });
  });
  const result = op(...(filled(recorded.arguments, inputs) as unknown[]));
  const outputs = Array.isArray(result) ? result : [result];
  expect(Array.isArray(result)).toBe(recorded.several);
  expect(outputs).toHaveLength(recorded.outputs.length);
  for (const [i, output] of outputs.entries()) {
    expect(await difference(output, recorded.outputs[i]!)).toBeLessThanOrEqual(tolerance);
  }
  const wanted = recorded.inputGradients.flatMap((gradient, i) => (gradient === null ? [] : [{ gradient, i }]));
  if (wanted.length === 0) return;
  const terms = outputs.flatMap((output, i) => {
    const cotangent = recorded.cotangents[i];
    return cotangent ? [output.mul(tensor(numbers(cotangent), { shape: cotangent.shape })).sum()] : [];
  });
  const total = terms.reduce((a, b) => a.add(b));
  const found = gradients(
    total,
    wanted.map(({ i }) => inputs[i]!),
  );
  for (const [i, { gradient }] of wanted.entries()) {
    expect(await difference(found[i]!, gradient)).toBeLessThanOrEqual(1e-4);
  }
}

describe('operations on arrays give what Keras gives', () => {
  const functions = ops as unknown as Record<string, Op>;
  test.each(cases<OpCase>('ops_arrays'))('$name', (recorded) => compare(recorded, functions[recorded.op]!));
});

describe('operations on images give what Keras gives', () => {
  const functions = ops.image as unknown as Record<string, Op>;
  test.each(cases<OpCase>('ops_image'))('$name', (recorded) => compare(recorded, functions[recorded.op]!));
});
