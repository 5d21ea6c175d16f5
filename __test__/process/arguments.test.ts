import { expect, test } from 'vitest';
import { wrapNative } from '../../ts/errors.ts';
import { native, type Operand } from '../../ts/native.ts';
import { epoch, floats, hash, step, training } from './training.ts';

const addon = native();
const codes = ['BAD_ARGUMENT', 'SHAPE_MISMATCH', 'OUT_OF_MEMORY', 'UNSUPPORTED', 'DISPOSED', 'BUSY', 'INTERNAL'];

const detached = new Uint8Array(8);
structuredClone(detached, { transfer: [detached.buffer] });
const disposed = floats([2], (i) => i);
disposed.dispose();
const disposedVariable = new addon.NativeVariable(floats([2], (i) => i));
disposedVariable.dispose();
const throwing = {
  get length(): number {
    throw new Error('on purpose');
  },
};

/** Values that no argument should ever be. */
const wrong: unknown[] = [
  ...[Number.NaN, -1, -0.5, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 64, -(2 ** 53), Infinity, -Infinity, 1n, 2n ** 64n],
  ...[undefined, null, true, '', 'float32', '\0', 'x'.repeat(1e5), '{', '{}', 'null', '[1e999]', Symbol('s')],
  ...[[], [[]], [Number.NaN], [-1], [-2], [2 ** 32], [2 ** 53], [0.5], ['1'], [null], new Array(1e5).fill(0)],
  ...[{}, throwing, Object.create(null), () => 1, new Proxy([], {}), new Date(), /x/, Promise.resolve(1)],
  ...[new Uint8Array(0), new Uint8Array(3), detached, new Uint8Array(new SharedArrayBuffer(8)), new ArrayBuffer(8)],
  ...[Int32Array.of(), Int32Array.of(-1), Int32Array.of(2 ** 31 - 1, 0), new Int32Array(64).fill(-1)],
  ...[new Float64Array(3), disposed, disposedVariable, floats([3], (i) => i), new addon.NativeAbort()],
];

/** Random choices, the same at every run. */
function choices(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const t = training();
const good = epoch.bind(null, t, 2);
const type = addon.internType('float32', [2]);
const buffer = floats([2], (i) => i);
const source = { data: [floats([128, 256], () => 1)], begin: 0, end: 128, batchSize: 64, ...t };

/** Every native entry with arguments that are right, of which some are then replaced. */
const entries: Record<string, [call: (...args: never[]) => unknown, args: () => unknown[]]> = {
  internType: [addon.internType, () => ['float32', [2, 3]]],
  describeType: [addon.describeType, () => [type]],
  internOp: [addon.internOp, () => ['neg', '{}']],
  infer: [addon.infer, () => [addon.internOp('neg', '{}'), [type]]],
  // Half a gigabyte and more is a right argument, and a slow one.
  permutation: [
    (n: number, ...keys: [number, number]) => addon.permutation(n === 2 ** 31 ? -1 : n, ...keys),
    () => [10, 1, 2],
  ],
  compile: [addon.compile, () => [step(5)]],
  compileSync: [addon.compileSync, () => [step(5)]],
  'NativeBuffer.from': [addon.NativeBuffer.from, () => [type, new Uint8Array(8)]],
  'new NativeVariable': [(b: never) => new addon.NativeVariable(b), () => [buffer]],
  'new NativeOperands': [(o: never) => new addon.NativeOperands(o), () => [[buffer, t.weights, 1]]],
  assign: [(b: never) => new addon.NativeVariable(buffer).assign(b), () => [buffer]],
  run: [t.plan.run.bind(t.plan), () => [[floats([64, 256], () => 1), ...training().operands]]],
  runAtOnce: [t.plan.runAtOnce.bind(t.plan), () => [[floats([64, 256], () => 1), ...training().operands]]],
  runSync: [t.plan.runSync.bind(t.plan), () => [[floats([64, 256], () => 1), ...training().operands]]],
  push: [
    (...args: never[]) => {
      const queue = addon.NativeSource.queue();
      return (queue.push as (...args: never[]) => unknown).apply(queue, args);
    },
    () => [t.plan, [buffer]],
  ],
};

/** Entries that take one object, of which fields are replaced. */
const records: Record<string, [call: (options: never) => unknown, options: () => object]> = {
  'NativeSource.tensors': [(o: never) => addon.NativeSource.tensors(o), () => ({ ...source, shuffle: [1, 2] })],
  runEpoch: [addon.runEpoch, () => ({ source: good(), steps: 2, collect: false, onStep: async () => false })],
};

/** Whether a call failed; if so, with a code. Methods of classes are called on what they belong to. */
async function fails(call: () => unknown, described: string): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    expect(codes, `${described}: ${error}`).toContain(wrapNative(error).code);
    return true;
  }
}

test.each(Object.entries(entries))('%s never takes the process down', async (name, [call, args]) => {
  expect(await fails(() => call(...(args() as never[])), name)).toBe(false);
  let failures = 0;
  for (let i = 0; i < args().length; i++) {
    for (const [k, value] of wrong.entries()) {
      const given = args();
      given[i] = value;
      failures += Number(await fails(() => call(...(given as never[])), `argument ${i}, value ${k}`));
    }
  }
  expect(failures).toBeGreaterThan(wrong.length / 3);
  for (const value of wrong) await fails(() => call(...(wrong.filter((v) => v !== value) as never[])), name);
  await fails(() => call(), name);
});

test.each(Object.entries(records))('%s never takes the process down', async (name, [call, options]) => {
  expect(await fails(() => call(options() as never), name)).toBe(false);
  for (const key of Object.keys(options())) {
    for (const [k, value] of wrong.entries())
      await fails(() => call({ ...options(), [key]: value } as never), `${name}, ${key}, value ${k}`);
  }
  for (const value of wrong) await fails(() => call(value as never), name);
});

test('graphs of random words are refused or run', async () => {
  const words = step(4);
  const pick = choices(7);
  let refused = 0;
  for (let i = 0; i < 600; i++) {
    const damaged = words.slice(0, pick(8) === 0 ? pick(words.length) : undefined);
    for (let n = 0; n <= pick(3); n++)
      damaged[pick(damaged.length)] = [-1, 0, 1, 2 ** 31 - 1, -(2 ** 31), pick(64)][pick(6)]!;
    refused += Number(await fails(() => addon.compileSync(damaged, 'cpu'), `[${damaged.join()}]`));
  }
  expect(refused).toBeGreaterThan(300);
});

test('numbers that are no whole numbers are not cut to size', () => {
  for (const n of [Number.NaN, -1, 0.5, 2 ** 32, 2 ** 53, Infinity]) {
    expect(() => addon.describeType(n)).toThrow(/^BAD_ARGUMENT: .* received /);
    expect(() => addon.permutation(n, 0, 0)).toThrow(/^BAD_ARGUMENT/);
    expect(() => addon.NativeSource.tensors({ ...source, batchSize: n })).toThrow(/^BAD_ARGUMENT/);
  }
});

test('disposed handles say so', async () => {
  const said = expect.objectContaining({ message: expect.stringMatching(/^DISPOSED: /) });
  expect(() => disposed.bytes()).toThrow(said);
  expect(() => disposedVariable.snapshot()).toThrow(said);
  expect(() => disposedVariable.assign(buffer)).toThrow(said);
  expect(() => new addon.NativeVariable(disposed)).toThrow(said);
  expect(() => t.plan.runSync([disposed, disposedVariable, 1])).toThrow(said);
  disposed.dispose();
  disposedVariable.dispose();
});

test('a list of operands is what it was made of, until that is disposed', () => {
  const [one, other] = [training(), training()];
  const data = floats([64, 256], (i) => Math.cos(i));
  const list = new addon.NativeOperands([data, ...other.operands]);
  const loss = ({ plan }: typeof one, operands: Operand[]) =>
    new Float32Array(plan.runSync(operands)[0]!.bytes().buffer)[0]!;
  for (let i = 0; i < 3; i++) expect(loss(other, [list])).toBe(loss(one, [data, ...one.operands]));
  expect(() => new addon.NativeOperands([list])).toThrow(/^BAD_ARGUMENT: operand 0 of a list /);
  expect(() => other.plan.runSync([list, 1])).toThrow(/^BAD_ARGUMENT: the plan takes 3 operands, received 4/);
  other.weights.dispose();
  expect(() => loss(other, [list])).toThrow(/^DISPOSED: this variable/);
});

test('after all that training is right', async () => {
  const [a, b] = [training(), training()];
  for (const one of [a, b]) await addon.runEpoch({ source: epoch(one, 5), steps: 0, collect: false });
  expect(await hash(a)).toBe(await hash(b));
});
