import { expect, test } from 'vitest';
import { type Tensor, tensor, Variable } from '../../ts/tensor.ts';

/** A small generator, so that a failing order of steps can be run again. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** Expressions held somewhere, each with the number it must have whenever it is read. */
type Held = { tensor: Tensor; value: number };

test.each(Array.from({ length: 25 }, (_, seed) => [seed]))(
  'assignments and reads in any order give what plain numbers give (order %i)',
  async (seed) => {
    const roll = dice(seed);
    const variables = [0, 1, 2].map((i) => new Variable({ initial: () => tensor(i).add(0) }));
    const values = [0, 1, 2];
    const held: Held[] = [];
    const reads: Promise<void>[] = [];
    for (let step = 0; step < 80; step++) {
      const [a, b] = [roll(3), roll(3)];
      const [va, vb] = [variables[a]!, variables[b]!];
      const some = held[roll(Math.max(1, held.length))];
      switch (roll(8)) {
        case 0:
          va.assign(vb.add(1));
          values[a] = values[b]! + 1;
          break;
        case 1:
          va.assign(step);
          values[a] = step;
          break;
        case 2:
          if (some) {
            va.assign(some.tensor);
            values[a] = some.value;
          }
          break;
        case 3:
          held.push({ tensor: va.value, value: values[a]! });
          break;
        case 4:
          held.push({ tensor: va.sub(vb).add(some?.tensor ?? 0), value: values[a]! - values[b]! + (some?.value ?? 0) });
          break;
        case 5:
          expect(va.dataSync()[0]).toBe(values[a]);
          break;
        case 6: {
          const [read, value] = [some?.tensor ?? va, some?.value ?? values[a]];
          const check = read.item().then((item) => expect(item).toBe(value));
          reads.push(check);
          if (roll(2)) await check;
          break;
        }
        default:
          if (some) expect(some.tensor.dataSync()[0]).toBe(some.value);
      }
    }
    await Promise.all(reads);
    for (const { tensor: t, value } of held) expect(await t.item()).toBe(value);
    for (const [i, variable] of variables.entries()) expect(await variable.item()).toBe(values[i]);
  },
);
