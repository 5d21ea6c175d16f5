import { existsSync, readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { inEmptyFolders } from './running.ts';

const { example, within, written } = inEmptyFolders();

const accuracyIn = (text: string): number => Number(/^Test accuracy: ([\d.]+) % \(loss [\d.]+\)$/m.exec(text)?.[1]);

test('mnist: summary, a line for the epoch, accuracy, and a picture in the folder named and nowhere else', async () => {
  const args = ['--epochs', '1', '--limit', '2560', '--batch-size', '32', '--seed', '2', '--out', 'pictures/mine'];
  const { code, out, err } = await example('mnist', ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Model: "mnist"$/m);
  expect(out).toMatch(/Total params: 1,669,002/);
  expect(out).toMatch(
    /^64\/64 - \d+s -.*ms\/step - accuracy: 0\.\d+ - loss: \d+\.\d+ - valAccuracy: 0\.\d+ - valLoss: /m,
  );
  expect(accuracyIn(out)).toBeGreaterThan(75);
  expect(written()).toEqual(['pictures/mine/digits.png']);
  const { width, height, data } = decode(readFileSync(within('pictures/mine/digits.png')));
  expect([width, height]).toEqual([950, 595]);
  expect(new Set(data).size).toBeGreaterThan(20);
}, 60_000);

test('keras-notebook: summary, a line for the epoch, accuracy, and nothing is written', async () => {
  const { code, out, err } = await example('keras-notebook', '--epochs', '1', '--limit', '2560');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Model: "sequential"$/m);
  expect(out).toMatch(/^40\/40 - \d+s -.*\/step - accuracy: 0\.\d+ - loss: \d+\.\d+$/m);
  expect(accuracyIn(out)).toBeGreaterThan(60);
  expect(written()).toEqual([]);
}, 60_000);

test.each(['mnist', 'keras-notebook'])('%s --help lists every option', async (name) => {
  const { code, out } = await example(name, '--help');
  expect(code).toBe(0);
  for (const option of ['--epochs', '--batch-size', '--seed', '--limit', '--out']) expect(out).toContain(option);
  expect(existsSync(within('mnist-out'))).toBe(false);
});

test.each([
  ['an option that there is not', ['--epoch', '2'], "'--epoch'"],
  ['a value that is no number', ['--epochs', 'two'], "'two'"],
  ['a value that is too small', ['--limit', '3'], 'at least 10'],
  ['a missing value', ['--seed'], '--seed'],
  ['an argument too many', ['fast'], "'fast'"],
])('%s: one sentence, and the process fails', async (_, args, named) => {
  const { code, out, err } = await example('mnist', ...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(named);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(written()).toEqual([]);
});
