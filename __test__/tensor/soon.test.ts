import { expect, test } from 'vitest';
import * as ops from '../../ts/ops/index.ts';
import { placeholder } from '../../ts/symbolic.ts';
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
  for (const [side, atOnce] of [
    [8, true],
    [512, false],
  ] as const) {
    const { plan, operands } = await product(side);
    const outputs = plan.run(operands, undefined, true);
    expect(Array.isArray(outputs)).toBe(atOnce);
    expect(fromBuffer((await outputs)[0]!)).toEqual(Array.from({ length: side }, () => Array(side).fill(0)));
    expect(plan.run(operands)).toBeInstanceOf(Promise);
  }
});

test('a brief run keeps its turn behind what was asked for before', async () => {
  const small = await product(8);
  const large = await product(512);
  const done: string[] = [];
  const first = large.plan.run(large.operands).then(() => done.push('first'));
  const second = small.plan.run(small.operands, undefined, true);
  expect(second).toBeInstanceOf(Promise);
  await Promise.all([first, Promise.resolve(second).then(() => done.push('second'))]);
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
