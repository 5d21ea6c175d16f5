import { expect, test } from 'vitest';
import { readIdx } from '../../ts/datasets/idx.ts';

/** An IDX file by its definition: two zeros, type, rank, sides, elements with the high byte first. */
function idx(code: number, shape: number[], data: number[]): Uint8Array {
  const sides = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, code, shape.length, ...sides, ...data]);
}

test('bytes, signed bytes, integers and floats', async () => {
  expect(await readIdx('a', idx(8, [2, 2], [1, 2, 3, 255])).array()).toEqual([
    [1, 2],
    [3, 255],
  ]);
  expect(await readIdx('a', idx(9, [2], [1, 255])).array()).toEqual([1, -1]);
  expect(await readIdx('a', idx(12, [2], [0, 0, 1, 0, 255, 255, 255, 254])).array()).toEqual([256, -2]);
  expect(await readIdx('a', idx(13, [1], [0x3f, 0xc0, 0, 0])).array()).toEqual([1.5]);
  expect(readIdx('a', idx(8, [2, 1], [1, 2])).dtype).toBe('uint8');
});

const broken: Record<string, Uint8Array> = {
  empty: new Uint8Array(0),
  'no IDX file': Uint8Array.from([1, 2, 8, 1, 0, 0, 0, 0]),
  'an unknown type': idx(0x77, [1], [1]),
  'no axes': idx(8, [], []),
  'a header cut off': idx(8, [2, 2], []).slice(0, 9),
  'too little data': idx(8, [4], [1, 2]),
  'too much data': idx(8, [1], [1, 2]),
  'sides whose product is beyond all memory': idx(8, [2 ** 31, 2 ** 31, 2 ** 31], [1]),
};

test.each(Object.entries(broken))('%s is a bad file', (_, bytes) => {
  expect(() => readIdx('digits', bytes)).toThrow(expect.objectContaining({ code: 'BAD_FILE', where: 'digits' }));
});
