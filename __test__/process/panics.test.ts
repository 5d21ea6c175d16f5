import { afterEach, describe, expect, test } from 'vitest';
import { wrapNative } from '../../ts/errors.ts';
import { type Addon, native } from '../../ts/native.ts';
import { tensor } from '../../ts/tensor.ts';
import { epoch, floats, hash, step, training } from './training.ts';

/** The addon with debug assertions can panic on request. */
const addon = native() as Addon & { injectPanic(place?: string): void };
const options = { steps: 0, collect: false };
const batch = floats([64, 256], (i) => Math.cos(i * 0.3));

/** What a call throws or rejects with, as users see it. */
async function failure(call: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await call();
  } catch (error) {
    const { code, message } = wrapNative(error);
    return { code, message };
  }
  throw new Error('nothing was thrown');
}

afterEach(() => addon.injectPanic());

/** Calls that pass a place, and would succeed if nothing panicked there. */
const calls: Record<string, [place: string, call: () => unknown][]> = {
  entry: [
    ['entry', () => addon.internType('float32', [1])],
    ['entry', () => addon.describeType(0)],
    ['entry', () => addon.internOp('neg', '{}')],
    ['entry', () => addon.infer(addon.internOp('neg', '{}'), [])],
    ['entry', () => addon.deviceInfo()],
    ['entry', () => addon.memoryInfo()],
    ['entry', () => floats([4], (i) => i)],
    ['entry', () => addon.compile(step(11), 'cpu')],
    ['entry', () => addon.compileSync(step(11), 'cpu')],
  ],
  compile: [
    ['compile', () => addon.compile(step(12), 'cpu')],
    ['compile', () => addon.compileSync(step(12), 'cpu')],
  ],
  answer: [['answer', () => addon.compile(step(), 'cpu')]],
};

describe.each(Object.entries(calls))('a panic at %s', (_, cases) => {
  test.each(cases.map(([place, call], i) => [i, place, call] as const))(
    'case %i is an error',
    async (_i, place, call) => {
      addon.injectPanic(place);
      const { code, message } = await failure(call);
      expect(code).toBe('INTERNAL');
      expect(message).toContain(`a fault injected at '${place}'`);
      const { plan, operands, weights } = training();
      expect(await plan.run([batch, ...operands])).toHaveLength(1);
      expect(weights.snapshot().bytes()).toHaveLength(4 * 256 * 256);
    },
  );
});

/** What can be run on trained weights, and the places it passes. */
const runs = {
  run: [['entry', 'turn', 'chunk', 'answer'], (t) => t.plan.run([batch, ...t.operands])],
  runSync: [['entry', 'turn', 'chunk'], async (t) => t.plan.runSync([batch, ...t.operands])],
  runEpoch: [
    ['entry', 'turn', 'source', 'listener', 'chunk', 'answer'],
    (t) => addon.runEpoch({ source: epoch(t, 3), ...options }),
  ],
  'runEpoch with hooks': [
    ['turn', 'source', 'listener', 'chunk', 'answer'],
    (t) => addon.runEpoch({ source: epoch(t, 3), ...options, onStep: async () => false, onBegin: async () => false }),
  ],
} satisfies Record<string, [string[], (t: ReturnType<typeof training>) => Promise<unknown>]>;

describe.each(Object.entries(runs))('a panic in %s', (_, [places, run]) => {
  test.each(places)('at %s rejects, and the next run is right', async (place) => {
    const [hit, reference] = [training(), training()];
    addon.injectPanic(place);
    const { code, message } = await failure(() => run(hit));
    expect(code).toBe('INTERNAL');
    expect(message).toContain(`a fault injected at '${place}'`);
    const next = training();
    await run(next);
    await run(reference);
    expect(await hash(next)).toBe(await hash(reference));
  });
});

test('a panic beside an epoch leaves the epoch alone', async () => {
  const [beside, reference] = [training(), training()];
  const under = addon.runEpoch({ source: epoch(beside, 40), ...options });
  addon.injectPanic('compile');
  expect(await failure(() => addon.compile(step(13), 'cpu'))).toMatchObject({ code: 'INTERNAL' });
  await under;
  await addon.runEpoch({ source: epoch(reference, 40), ...options });
  expect(await hash(beside)).toBe(await hash(reference));
});

test('a panic under the public face has its code too, and the tensor can be read afterwards', async () => {
  const x = tensor([1, 2]).add(1);
  addon.injectPanic('chunk');
  await expect(x.data()).rejects.toMatchObject({ name: 'FoveaError', code: 'INTERNAL' });
  addon.injectPanic('turn');
  expect(() => x.dataSync()).toThrow(expect.objectContaining({ name: 'FoveaError', code: 'INTERNAL' }));
  expect(await x.array()).toEqual([2, 3]);
});
