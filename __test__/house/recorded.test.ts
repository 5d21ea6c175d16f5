import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import recorded from '../recordings/classes.json' with { type: 'json' };
import keras from '../recordings/surface.json' with { type: 'json' };
import { covered, exceptions } from './recorded.ts';
import { root } from './sources.ts';

const modules = Object.entries(recorded).filter(([, names]) => typeof names === 'object') as [
  string,
  Record<string, string[]>,
][];

const ownName = (module: string, name: string): string => {
  const entries = keras.modules[module as keyof typeof keras.modules] as Record<string, { alias?: string }>;
  return entries[name]?.alias ?? name;
};

test('the index of recorded classes speaks of what the recordings hold', () => {
  const texts = new Map<string, string>();
  const text = (topic: string): string => {
    const found = texts.get(topic) ?? readFileSync(join(root, '__test__', 'recordings', `${topic}.json`), 'utf8');
    texts.set(topic, found);
    return found;
  };
  const holds = (topic: string, name: string) => new RegExp(`"(class|function)":"${name}"`).test(text(topic));
  const lost = modules.flatMap(([module, names]) =>
    Object.entries(names).flatMap(([name, topics]) =>
      topics
        .filter((topic) => !holds(topic, ownName(module, name)) && !holds(topic, name))
        .map((topic) => [topic, name]),
    ),
  );
  expect(modules.length).toBeGreaterThan(8);
  expect(lost).toEqual([]);
});

test('every module is covered, and every exception says why', () => {
  expect(Object.values(covered).every(Boolean)).toBe(true);
  expect(Object.keys(exceptions)).toEqual(Object.keys(covered));
  for (const reasons of Object.values(exceptions))
    for (const reason of Object.values(reasons)) expect(reason.length).toBeGreaterThan(8);
});
