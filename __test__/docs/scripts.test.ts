import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../house/sources.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-examples-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs an example in an empty folder, as a user would: not on a terminal. */
function example(name: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, HOME: folder, FOVEA_CACHE: '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') };
  const command = ['--import', import.meta.resolve('tsx'), join(root, 'examples', `${name}.ts`), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

const written = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

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
  const { width, height, data } = decode(readFileSync(join(folder, 'pictures/mine/digits.png')));
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
  expect(existsSync(join(folder, 'mnist-out'))).toBe(false);
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
