import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fovea from 'fovea';
import { expect, test } from 'vitest';
import { surface } from '../../scripts/surface.ts';
import { root } from '../house/sources.ts';

const { text, complaints, types } = surface();

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

/** The options that a class itself knows: it names them where it does not know one. `null` if it takes none. */
function known(Class: new (options: object) => unknown): string[] | null {
  try {
    new Class({ 'an option that nobody has': 1 });
    return null;
  } catch (error) {
    return /Known options: (.*)\.$/.exec((error as Error).message)?.[1]?.split(', ') ?? null;
  }
}

const namespaces = fovea as unknown as Record<string, Record<string, new (options: object) => unknown>>;
const modules = ['layers', 'losses', 'metrics', 'optimizers', 'callbacks', 'initializers', 'regularizers'] as const;

test.each(modules)('the options in the types of %s are those that its classes know', (module) => {
  const exported = namespaces[module]!;
  const classes = [...types.module(module)!].filter(([, { kind }]) => kind === 'class');
  const differing = classes.flatMap(([name, { parameters }]) => {
    const names = known(exported[name]!);
    if (names === null) return [];
    // `function` is a word of the language, so Lambda's parameter has another name.
    const typed = parameters.map((parameter) => parameter.name).filter((own) => name !== 'Lambda' || own !== 'fn');
    return String(names.toSorted()) === String(typed.toSorted()) ? [] : [name];
  });
  expect(classes.length).toBeGreaterThan(3);
  expect(differing).toEqual([]);
});
