import { utils } from 'fovea';
import { expect, test } from 'vitest';

test('toCategorical', async () => {
  const rows = [
    [0, 1, 0],
    [0, 0, 1],
  ];
  expect(await utils.toCategorical([1, 2]).array()).toEqual(rows);
  expect(await utils.toCategorical([[1], [2]], 3).array()).toEqual(rows);
  expect(utils.toCategorical(Uint8Array.of(1, 2), 10).shape).toEqual([2, 10]);
  expect(() => utils.toCategorical([-1, 2])).toThrow('at least 0');
});
