import { type NativePlan, type NativeVariable, native, type Operand } from '../../ts/native.ts';

const sides = [64, 256] as const;

/** A buffer of float32 numbers. */
export function floats(shape: number[], at: (i: number) => number) {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i));
  return native().NativeBuffer.from(native().internType('float32', shape), new Uint8Array(values.buffer));
}

/** The graph of a training step: `w -= 0.01 · d mean(tanh(x·w)²)/dw`. */
export function step(rows: number = sides[0]): Int32Array {
  const addon = native();
  const op = (name: string, attributes = {}) => addon.internOp(name, JSON.stringify(attributes));
  const type = (shape: number[]) => addon.internType('float32', shape);
  const [, n] = sides;
  const nodes = [
    [op('matmul', { transposeA: false, transposeB: false }), 2, 0, 1],
    [op('tanh'), 1, 3],
    [op('square'), 1, 4],
    [op('reduce', { kind: 'mean', axes: [0, 1], keepdims: false }), 1, 5],
    [op('gradients'), 2, 6, 1],
    [op('mul'), 2, 7, 2],
    [op('sub'), 2, 1, 8],
  ];
  const leaves = [0, type([rows, n]), 1, type([n, n]), 0, type([])];
  return Int32Array.from([3, ...leaves, nodes.length, ...nodes.flat(), 1, 6, 1, 1, 9, 6]);
}

/** What an epoch needs. */
export interface Training {
  plan: NativePlan;
  weights: NativeVariable;
  operands: Operand[];
}

/** Weights to train, and the plan that does it. */
export function training(): Training {
  const addon = native();
  const [, n] = sides;
  const initial = floats([n, n], (i) => Math.sin(i * 1.7) / 4);
  const weights = new addon.NativeVariable(initial);
  initial.dispose();
  return { plan: addon.compileSync(step(), 'cpu'), weights, operands: [weights, 0.01] };
}

/** An epoch of so many steps over data in memory. */
export function epoch({ plan, operands }: Training, steps: number) {
  const [rows, n] = sides;
  const data = [floats([rows * steps, n], (i) => Math.cos(i * 0.3))];
  const options = { data, begin: 0, end: rows * steps, batchSize: rows, plan, operands };
  return native().NativeSource.tensors(options);
}

/** The bytes of the weights, hashed. */
export async function hash({ weights }: Training): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(weights.snapshot().bytes()).digest('hex');
}
