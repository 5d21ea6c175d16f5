import { type DType, gradients, ops, type Tensor, tensor, Variable } from 'fovea';
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
  /** Where they were recorded: the dtypes in which the inputs were given, and those of the outputs. */
  inputDTypes?: DType[] | null;
  outputDTypes?: DType[];
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

/** Where Keras has NaN and infinities, they must be there; all else within the tolerance. */
async function same(output: Tensor, recorded: Recorded, most = tolerance): Promise<void> {
  const wanted = numbers(recorded);
  if (wanted.every(Number.isFinite)) return expect(await difference(output, recorded)).toBeLessThanOrEqual(most);
  const found = await output.data();
  expect(output.shape).toEqual(recorded.shape);
  for (const [i, value] of wanted.entries()) {
    if (!Number.isFinite(value)) expect(Number(found[i]), `element ${i}`).toBe(value);
    else expect(Math.abs(Number(found[i]) - value) / Math.max(1, Math.abs(value))).toBeLessThanOrEqual(most);
  }
}

async function compare(recorded: OpCase, op: Op): Promise<void> {
  const inputs = recorded.inputs.map((input, i) => {
    const value = restore(input);
    const dtype = recorded.inputDTypes?.[i];
    if (dtype !== undefined) return value.cast(dtype);
    if (value.dtype !== 'float32') return recorded.name.includes('uint8') ? value.cast('uint8') : value;
    return new Variable({ initial: value });
  });
  const result = op(...(filled(recorded.arguments, inputs) as unknown[]));
  const outputs = Array.isArray(result) ? result : [result];
  expect(Array.isArray(result)).toBe(recorded.several);
  expect(outputs).toHaveLength(recorded.outputs.length);
  for (const [i, output] of outputs.entries()) {
    const dtype = recorded.outputDTypes?.[i];
    if (dtype !== undefined) expect(output.dtype).toBe(dtype);
    // Whole numbers of any dtype were recorded as int32.
    const whole = recorded.outputs[i]!.dtype === 'int32' && output.dtype !== 'bool';
    await same(whole ? output.cast('int32') : output, recorded.outputs[i]!);
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
  for (const [i, { gradient }] of wanted.entries()) await same(found[i]!, gradient, 1e-4);
}

describe('operations on arrays give what Keras gives', () => {
  const functions = ops as unknown as Record<string, Op>;
  test.each(cases<OpCase>('ops_arrays'))('$name', (recorded) => compare(recorded, functions[recorded.op]!));
});

describe('operations on single elements, and products of whole numbers, give what Keras gives', () => {
  const functions = ops as unknown as Record<string, Op>;
  test.each(cases<OpCase>('ops_elementwise'))('$name', (recorded) => compare(recorded, functions[recorded.op]!));
});

describe('operations on images give what Keras gives', () => {
  const functions = ops.image as unknown as Record<string, Op>;
  test.each(cases<OpCase>('ops_image'))('$name', (recorded) => compare(recorded, functions[recorded.op]!));
});
