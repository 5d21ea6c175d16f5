import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { NativeBuffer } from '../../ts/native.ts';
import * as ops from '../../ts/ops/index.ts';
import { placeholder } from '../../ts/symbolic.ts';
import { eventsFirst, runSoon } from '../../ts/tensor/soon.ts';
import { ones, zeros } from '../../ts/tensor.ts';
import { compileFunction, Trace } from '../../ts/trace.ts';
import { fromBuffer } from './support.ts';

/** A product of two square matrices. */
async function product(side: number) {
  const [a, b] = [placeholder([side, side]), placeholder([side, side])];
  const { result } = Trace.run(() => ops.matmul(a, b));
  const { plan } = await compileFunction({ inputs: [a, b], outputs: [result] });
  const operands = [ones([side, side]), zeros([side, side])];
  for (const t of operands) await t.data();
  return { plan, operands: operands.map((t) => t.buffer!) };
}

test('a brief run happens at once, one that takes long does not', async () => {
  const [brief, long] = [await product(8), await product(512)];
  // Right behind another run, the machine may still be in use.
  const deadline = performance.now() + 10_000;
  let outputs: NativeBuffer[] | null = null;
  while (outputs === null && performance.now() < deadline) {
    await pause(1);
    outputs = brief.plan.runAtOnce(brief.operands);
  }
  const expected = await brief.plan.run(brief.operands);
  expect(outputs!.map(fromBuffer)).toEqual(expected.map(fromBuffer));
  await pause(10);
  expect(long.plan.runAtOnce(long.operands)).toBe(null);
});

test('a brief run keeps its turn behind what was asked for before', async () => {
  const [brief, long] = [await product(8), await product(512)];
  const done: string[] = [];
  const first = long.plan.run(long.operands).then(() => done.push('first'));
  expect(brief.plan.runAtOnce(brief.operands)).toBe(null);
  await Promise.all([first, Promise.resolve(runSoon(brief.plan, brief.operands)).then(() => done.push('second'))]);
  expect(done).toEqual(['first', 'second']);
});

test('reads in a loop let events have their turn', async () => {
  let ended = false;
  const timer = setTimeout(() => {
    ended = true;
  }, 10);
  const deadline = performance.now() + 10_000;
  const x = ones([4]);
  while (!ended && performance.now() < deadline) await x.add(1).data();
  clearTimeout(timer);
  expect(ended).toBe(true);
});

test('who lets events go first has its brief runs at once again', async () => {
  const { plan, operands } = await product(8);
  const atOnce = () => Array.isArray(runSoon(plan, operands));
  const losePatience = async () => {
    await pause(50);
    expect(atOnce()).toBe(true);
    const begun = performance.now();
    while (performance.now() - begun < 2);
  };
  await losePatience();
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await eventsFirst();
  expect(turned).toBe(true);
  expect(atOnce()).toBe(true);
  await losePatience();
  expect(atOnce()).toBe(false);
});
