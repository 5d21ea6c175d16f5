import { expect, test } from 'vitest';
import * as random from '../../ts/random/index.ts';
import { SeedGenerator, setSeed } from '../../ts/random/index.ts';
import { tensor } from '../../ts/tensor.ts';
import { compileFunction, Trace } from '../../ts/trace.ts';
import { fromBuffer } from './support.ts';

test('the same seed gives the same numbers, each draw others', async () => {
  const draws = async () => {
    setSeed(7);
    const generator = new SeedGenerator();
    const all = [
      random.uniform([3]),
      random.uniform([3]),
      random.normal([3]),
      random.uniform([3], { seed: generator }),
    ];
    return Promise.all(all.map((t) => t.array()));
  };
  const first = await draws();
  expect(await draws()).toEqual(first);
  expect(new Set(first.map(String)).size).toBe(4);
  setSeed(8);
  expect(await random.uniform([3]).array()).not.toEqual(first[0]);
});

test('a number as seed gives the same each time', async () => {
  const [a, b] = [random.uniform([4], { seed: 3 }), random.uniform([4], { seed: 3 })];
  expect(await a.equals(b)).toBe(true);
  expect(await a.equals(random.uniform([4], { seed: 4 }))).toBe(false);
});

test('a seed generator advances', async () => {
  const generator = new SeedGenerator(1);
  const keys = [generator.next(), generator.next(), generator.next()];
  expect(new Set(await Promise.all(keys.map(async (key) => String(await key.array())))).size).toBe(3);
  expect(`${keys[0]}`).toBe('Tensor uint32 [2]');
  const again = new SeedGenerator({ seed: 1 });
  expect(await again.next().equals(keys[0]!)).toBe(true);
});

test('a compiled function draws anew each time it runs', async () => {
  setSeed(1);
  const { result, assigned } = Trace.run(() => random.uniform([4]));
  const compiled = await compileFunction({ inputs: [], outputs: [result], assigned });
  const draw = async () => String((await compiled.plan.run(compiled.operands)).map(fromBuffer));
  expect(new Set([await draw(), await draw(), await draw()]).size).toBe(3);
});

test('moments and bounds', async () => {
  setSeed(5);
  const n = 100_000;
  const u = random.uniform([n], { minval: -2, maxval: 2 });
  const z = random.normal([n], { mean: 1, stddev: 2 });
  const t = random.truncatedNormal([n]);
  const hits = random.bernoulli([n], 0.25, { scale: 4 });
  expect(Math.abs(await u.mean().item())).toBeLessThan(5 * Math.sqrt(4 / 3 / n));
  expect(await u.min().item()).toBeGreaterThanOrEqual(-2);
  expect(await u.max().item()).toBeLessThan(2);
  expect(Math.abs((await z.mean().item()) - 1)).toBeLessThan((5 * 2) / Math.sqrt(n));
  expect(Math.abs((await z.variance().item()) / 4 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(await t.abs().max().item()).toBeLessThanOrEqual(2);
  expect(Math.abs((await hits.mean().item()) - 1)).toBeLessThan(5 * Math.sqrt(3 / n));
  const dice = await random.randint([n], 1, 7).data();
  expect([...new Set(dice)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('dropout keeps the mean', async () => {
  const x = tensor([1]).broadcastTo([10_000]);
  const dropped = random.dropout(x, 0.5, { seed: 1 });
  expect(new Set(await dropped.data())).toEqual(new Set([0, 2]));
  expect(Math.abs((await dropped.mean().item()) - 1)).toBeLessThan(0.05);
  expect(random.dropout(x, 0)).toBe(x);
});

test.each([
  ['a negative seed', () => setSeed(-1)],
  ['a seed that is none', () => random.uniform([1], { seed: 'x' as never })],
  ['an unknown option', () => random.uniform([1], { min_val: 0 } as never)],
  ['a probability of 2', () => random.bernoulli([1], 2)],
  ['an empty range', () => random.randint([1], 3, 3)],
  ['a rate of 1', () => random.dropout(tensor([1]), 1)],
  ['a shape that is none', () => random.normal(3 as never)],
])('%s is refused', (_, draw) => {
  expect(draw).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
});
