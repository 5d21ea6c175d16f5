import { expect, test } from 'vitest';
import { native } from '../../ts/native.ts';
import { epoch, floats, hash, training } from './training.ts';

const addon = native();
const options = { steps: 0, collect: false };
const aborted = { message: expect.stringMatching(/^ABORTED: /) };
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

test('an epoch that waits for data ends when it is aborted', async () => {
  const abort = new addon.NativeAbort();
  const source = addon.NativeSource.queue();
  const running = addon.runEpoch({ source, ...options, abort });
  await soon();
  abort.abort();
  await expect(running).rejects.toMatchObject(aborted);
  const { plan, operands } = training();
  expect(await source.push(plan, [floats([64, 256], () => 1), ...operands])).toBe(false);
});

test.each(['onBegin', 'onStep'])('an epoch that waits for %s ends when it is aborted', async (hook) => {
  const abort = new addon.NativeAbort();
  let answer: (stop: boolean) => void = () => undefined;
  const unanswered = () => new Promise<boolean>((resolve) => (answer = resolve));
  const running = addon.runEpoch({ source: epoch(training(), 3), ...options, abort, [hook]: unanswered });
  setTimeout(() => abort.abort(), 40);
  await expect(running).rejects.toMatchObject(aborted);
  // An answer that comes too late is harmless.
  answer(false);
  await soon();
});

test('an abort from before ends everything that is given it, and nothing else', async () => {
  const abort = new addon.NativeAbort();
  abort.abort();
  const [t, other] = [training(), training()];
  const untouched = await hash(t);
  const runs = [
    addon.runEpoch({ source: epoch(t, 3), ...options, abort }),
    addon.runEpoch({ source: addon.NativeSource.queue(), ...options, abort }),
    t.plan.run([floats([64, 256], () => 1), ...t.operands], abort),
  ];
  for (const run of runs) await expect(run).rejects.toMatchObject(aborted);
  expect(await hash(t)).toBe(untouched);
  expect(await addon.runEpoch({ source: epoch(other, 3), ...options })).toMatchObject({ steps: 3 });
});

test('a hook that throws or rejects ends the epoch', async () => {
  const hooks = [
    () => Promise.reject(new Error('on purpose')),
    () => {
      throw new Error('on purpose');
    },
    () => 5 as never,
  ];
  for (const onStep of hooks) {
    const { steps, stopped } = await addon.runEpoch({ source: epoch(training(), 3), ...options, onStep });
    expect([steps, stopped]).toEqual([1, true]);
  }
});
