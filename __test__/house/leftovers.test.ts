import { expect, test } from 'vitest';
import { files, read } from './sources.ts';

// Put together from halves, so that this file does not find itself.
const leftover = new RegExp(
  ['\\bTO' + 'DO\\b', '\\bFIX' + 'ME\\b', '\\bto' + 'do!\\(', '\\bunimpl' + 'emented!\\('].join('|'),
);

const written = ['crates', 'ts', '__test__', 'bench', 'examples', 'scripts'].flatMap((folder) =>
  files(folder)
    .filter((path) => /\.(rs|ts|mjs|py|wgsl|toml)$/.test(path))
    .map((path) => `${folder}/${path}`),
);

test('nothing is left to do in the sources', () => {
  expect(written.filter((path) => leftover.test(read(path)))).toEqual([]);
});
