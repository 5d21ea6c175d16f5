import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { surface } from '../../scripts/surface.ts';
import { root } from '../house/sources.ts';

const { text, complaints } = surface();

test('every difference from Keras has a reason, and every reason a difference', () => {
  expect(complaints).toEqual([]);
});

test('docs/keras.md says what is so', () => {
  expect(readFileSync(join(root, 'docs', 'keras.md'), 'utf8') === text, 'stale: run `npm run generate`').toBe(true);
});

test('there is a table of every module that is compared', () => {
  for (const module of ['layers', 'losses', 'metrics', 'optimizers', 'callbacks', 'ops', 'models.Model'])
    expect(text).toContain(`\n## ${module}\n\n| Name | |`);
});
