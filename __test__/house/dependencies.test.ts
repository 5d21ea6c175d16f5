import { posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { files, read } from './sources.ts';

/**
 * The house from the ground up. A file of ts/ imports only from its own floor and those below, for
 * types too. An entry is a folder of ts/, or a file there without its `.ts`.
 */
const floors: readonly (readonly string[])[] = [
  ['native', 'errors', 'callable', 'options', 'registry'],
  ['generated', 'tensor', 'graph', 'variable', 'symbolic', 'trace', 'ops', 'random'],
  ['dtype-policy', 'config', 'mixedPrecision', 'initializers', 'regularizers', 'constraints', 'activations'],
  ['layers'],
  ['losses', 'metrics', 'optimizers', 'callbacks', 'training'],
  ['models'],
  ['datasets', 'preprocessing', 'saving', 'utils', 'visualize', 'applications'],
  ['index'],
];

/** Who may import the addon (`native.ts`) directly; all others go through tensors and training. */
const knowTheAddon = ['native', ...floors[1]!, 'training', 'datasets', 'preprocessing'];

const part = (path: string): string => path.split('/')[0]!.replace(/\.ts$/, '');
const floor = (path: string): number => floors.findIndex((entries) => entries.includes(part(path)));

/** The files that a file of ts/ imports, types included, relative to ts/. */
function imports(path: string): string[] {
  return ts
    .preProcessFile(read(`ts/${path}`))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(path), name));
}

const sources = files('ts').filter((path) => path.endsWith('.ts'));

test('every part of ts/ has a floor', () => {
  expect(sources.filter((path) => floor(path) < 0)).toEqual([]);
});

test('nobody imports from a floor above', () => {
  const upward = sources.flatMap((path) =>
    imports(path)
      .filter((target) => !target.startsWith('../') && floor(target) > floor(path))
      .map((target) => `ts/${path} imports ts/${target}`),
  );
  expect(upward).toEqual([]);
});

test('layers know no addon', () => {
  const outside = (path: string, target: string) =>
    target.startsWith('../') ? path !== 'native.ts' : part(target) === 'native' && !knowTheAddon.includes(part(path));
  const strangers = sources.flatMap((path) =>
    imports(path)
      .filter((target) => outside(path, target))
      .map((target) => `ts/${path} imports ${target}`),
  );
  expect(strangers).toEqual([]);
});

test('the library imports itself by path, never by its name', () => {
  const byName = sources.filter((path) =>
    ts.preProcessFile(read(`ts/${path}`)).importedFiles.some(({ fileName }) => /^fovea(\/|$)/.test(fileName)),
  );
  expect(byName).toEqual([]);
});
