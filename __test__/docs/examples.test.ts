import * as fovea from 'fovea';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { read } from '../house/sources.ts';
import { complaints, ofComments, ofMarkdown, run } from './programs.ts';

const readme = ofMarkdown('README.md');
const programs = [...readme, ...ofComments('ts')];

/** The digits that the programs get: enough to see that they learn, in seconds. */
async function fewDigits() {
  const { train, test: others } = await fovea.datasets.mnist.load();
  const few = ({ x, y }: typeof train, count: number) => ({ x: x.slice(0, count), y: y.slice(0, count) });
  return { train: few(train, 2560), test: few(others, 500) };
}

const datasets = { ...fovea.datasets, mnist: { ...fovea.datasets.mnist, load: fewDigits } };
const namespaces = Object.entries({ ...fovea, datasets }).filter(
  ([, part]) => part?.constructor === undefined || typeof part === 'object',
);
const modules = new Map<string, object>([
  ['fovea', { ...fovea, datasets }],
  ...namespaces.map(([name, part]) => [`fovea/${name}`, part as object] as const),
]);

let printed: unknown[][] = [];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((...parts) => void printed.push(parts));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  fovea.setSeed(1);
});

afterEach(() => {
  fovea.config.setDtypePolicy('float32');
  vi.restoreAllMocks();
});

test('the README has a program, and the type tests have it letter by letter', () => {
  expect(readme.length).toBeGreaterThan(0);
  expect(read('__test__/types/readme.ts')).toContain(readme[0]!.text);
});

test('every program in README.md and in doc comments compiles', () => {
  const found = complaints(programs.map(({ text }) => text));
  expect(Object.fromEntries(programs.map(({ where }, index) => [where, found[index]]))).toEqual(
    Object.fromEntries(programs.map(({ where }) => [where, []])),
  );
}, 120_000);

test('the first program of the README learns the digits', async () => {
  await run(readme[0]!.text, modules);
  const [loss, accuracy, column] = printed.at(-1)!;
  expect(loss).toBeGreaterThan(0);
  expect(accuracy).toBeGreaterThan(0.7);
  expect(accuracy).toBeLessThanOrEqual(1);
  expect(column).toEqual([expect.any(Number), expect.any(Number)]);
}, 60_000);

test.each(programs.slice(1))('$where runs', async ({ text }) => {
  await run(text, modules);
  // What cannot fail shows nothing: a program prints what it found.
  expect(printed.length).toBeGreaterThan(0);
});
