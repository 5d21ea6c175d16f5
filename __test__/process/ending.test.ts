import { expect, test } from 'vitest';
import { child } from './child.ts';

const ended = (code: number) => ({ code, signal: null, late: false });

test('a process whose work is done ends by itself', async () => {
  expect(await child('ending.ts', ['natural'])).toMatchObject({ ...ended(0), output: 'done\n' });
});

test.each(['exit', 'exit-at-once', 'exit-in-hook'])('%s in mid-epoch ends the process with its code', async (way) => {
  for (let i = 0; i < 3; i++) expect(await child('ending.ts', [way])).toMatchObject(ended(7));
});

test.each(['uncaught', 'rejected'])('an error that is %s in mid-epoch ends the process', async (way) => {
  const end = await child('ending.ts', [way]);
  expect(end).toMatchObject(ended(1));
  expect(end.output).toContain('on purpose');
});
