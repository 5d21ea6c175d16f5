import { expect, test } from 'vitest';
import { floorOf } from '../../bench/floor.ts';

const machine = { flops: 100, bytes: 10 };
const caches = 5;

test('a product takes what it multiplies, a pass what it moves, a node the longer of both', () => {
  const product = { cost: 200, flops: 150, bytes: 20 };
  const pass = { cost: 1_000, flops: 0, bytes: 30 };
  const floor = floorOf([product, pass], machine, caches);
  expect(floor).toEqual({ products: 1.5, memory: 2 + 3, both: 2 + 3 });
});

test('a detour takes what its phases multiply together', () => {
  const phases = [{ cost: 10 }, { cost: 40 }, { cost: 50, flops: 400, bytes: 0 }, { cost: 10, flops: 400, bytes: 0 }];
  expect(floorOf(phases, machine, caches)).toEqual({ products: 1 + 0.1, memory: 0, both: 1 + 0.1 });
});

test('what the caches hold does not pass through memory', () => {
  expect(floorOf([{ cost: 1, flops: 0, bytes: 5 }], machine, caches).both).toBe(0);
  expect(floorOf([{ cost: 1, flops: 0, bytes: 6 }], machine, caches).both).toBe(0.6);
});
