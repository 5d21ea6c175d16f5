import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { slower } from '../../bench/compare.ts';
import { checkedOut, commitOf } from '../../bench/harness/checkout.ts';
import { medianRange } from '../../bench/harness/statistics.ts';
import { root } from '../house/sources.ts';

// How many of the sorted values lie below the range: tables of the two-sided sign test at 5 %.
test.each([
  [5, 0],
  [6, 0],
  [8, 0],
  [9, 1],
  [12, 2],
  [15, 3],
  [20, 5],
  [25, 7],
  [50, 17],
])('the range of the median of %i values leaves %i on either side', (n, outside) => {
  const values = Array.from({ length: n }, (_, i) => n - i);
  expect(medianRange(values)).toEqual([1 + outside, n - outside]);
});

describe('which build is slower', () => {
  const around = (middle: number) => [-0.02, -0.015, -0.01, -0.005, 0, 0.005, 0.01, 0.015, 0.02].map((d) => middle + d);

  test.each([
    ['the other that takes a tenth more', around(1.1), around(1), 'other'],
    ['this where the other takes a tenth less', around(0.9), around(1), 'this'],
    ['neither where they are equal', around(1), around(1), 'neither'],
    ['neither where this build differs as much from itself', around(1.1), around(1.1), 'neither'],
    ['neither where it differs as much the other way', around(1.1), around(0.9), 'neither'],
    ['neither where one round alone was slow', [...around(1).slice(1), 3], around(1), 'neither'],
  ] as const)('%s', (_, other, again, expected) => {
    expect(slower(other, again)).toBe(expected);
  });
});

describe.runIf(existsSync(join(root, '.git')))('another revision', () => {
  const within = async (use: (folder: string) => Promise<void>) => {
    const parent = await mkdtemp(join(tmpdir(), 'fovea-checkout-'));
    try {
      await use(join(parent, 'checkout'));
    } finally {
      await rm(parent, { recursive: true });
    }
  };

  test('lies in a folder of its own with the packages of this one, and is gone afterwards', () =>
    within(async (folder) => {
      const seen = await checkedOut(
        'HEAD',
        async (at) =>
          ['package.json', 'bench/fovea/train.ts', 'node_modules/tsx'].map((file) => existsSync(join(at, file))),
        folder,
      );
      expect(seen).toEqual([true, true, true]);
      expect(existsSync(folder)).toBe(false);
      expect(existsSync(join(root, 'node_modules/tsx'))).toBe(true);
    }));

  test('is gone after a failure, and what a run left behind is in nobody’s way', () =>
    within(async (folder) => {
      const failing = checkedOut('HEAD', () => Promise.reject(new Error('no')), folder);
      await expect(failing).rejects.toThrow('no');
      expect(existsSync(folder)).toBe(false);
      await checkedOut('HEAD', () => rm(folder, { recursive: true }), folder);
      expect(await checkedOut('HEAD', async () => 'again', folder)).toBe('again');
    }));

  test('that there is not', async () => {
    await expect(commitOf('no-such-branch')).rejects.toThrow("There is no revision 'no-such-branch' here.");
    await expect(commitOf('--all')).rejects.toThrow("There is no revision '--all' here.");
  });
});
