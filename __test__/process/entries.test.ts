import { expect, test } from 'vitest';
import { files, read } from '../house/sources.ts';

const sources = files('crates/binding/src').map((path) => read(`crates/binding/src/${path}`));

/** `#[napi(…)]` on functions, with the functions' names. */
const entries = sources.flatMap((text) =>
  [...text.matchAll(/#\[napi(?:\(([^\]]*)\))?\]\s*(?:#\[[^\]]*\]\s*)*pub fn (\w+)/g)].map(
    ([, attributes = '', name]) => ({ name, attributes }),
  ),
);

test('every native entry turns a panic into an exception', () => {
  expect(entries.length).toBeGreaterThan(25);
  expect(entries.filter(({ attributes }) => !/\bcatch_unwind\b/.test(attributes))).toEqual([]);
});
