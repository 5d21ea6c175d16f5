import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, root } from './sources.ts';

const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string | Record<string, string>> };
const namespaces = Object.keys(exports)
  .filter((path) => path !== '.' && path !== './package.json')
  .map((path) => path.slice(2));

test.each(namespaces)('fovea/%s is a folder of ts/ and a namespace of fovea', (name) => {
  expect(exports[`./${name}`]).toEqual({ types: `./dist/${name}/index.d.ts`, default: `./dist/${name}/index.js` });
  expect(existsSync(join(root, 'ts', name, 'index.ts'))).toBe(true);
  expect(read('ts/index.ts')).toContain(`export * as ${name} from './${name}/index.ts';`);
});

test('every namespace of fovea is a path of the package', () => {
  const names = [...read('ts/index.ts').matchAll(/export \* as (\w+) from/g)].map((match) => match[1]);
  expect(names.sort()).toEqual(namespaces.sort());
});
