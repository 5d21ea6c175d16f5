import { gradients, losses, type Tensor, Variable } from 'fovea';
import { expect, test } from 'vitest';
import { sigmoid, softmax } from '../../ts/activations/index.ts';
import { cases, difference, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  autoName: string;
  activation: 'softmax' | 'sigmoid' | null;
  yTrue: Recorded;
  yPred: Recorded;
  sampleWeight: Recorded | null;
  value: Recorded;
  cotangent: Recorded;
  gradient: Recorded;
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** A recorded loss as ours. */
function made({ class: name, options: recorded }: Case): losses.Loss {
  const given = options(recorded);
  if (typeof given.reduction === 'string') given.reduction = camel(given.reduction);
  const Class = losses[name as 'MeanSquaredError'] as new (options: object) => losses.Loss;
  return new Class(given);
}

const activations = { softmax: (x: Tensor) => softmax(x), sigmoid };

const all = ['losses', 'losses_more'].flatMap((topic) => cases<Case>(topic));

test.each(all)('$name', async (recorded) => {
  const loss = made(recorded);
  expect(loss.name).toBe(recorded.autoName);
  const yPred = new Variable({ initial: restore(recorded.yPred) });
  const activated = recorded.activation === null ? yPred.value : activations[recorded.activation](yPred.value);
  const sampleWeight = recorded.sampleWeight === null ? null : restore(recorded.sampleWeight);
  const value = loss(restore(recorded.yTrue), activated, { sampleWeight });
  expect(await difference(value, recorded.value)).toBeLessThan(2e-6);
  const gradient = gradients(value.mul(restore(recorded.cotangent)), yPred);
  expect(await difference(gradient, recorded.gradient)).toBeLessThan(2e-6);
});

test.each(all)('$name: the config makes an equal loss', (recorded) => {
  const loss = made(recorded);
  const again = losses.get(losses.serialize(loss));
  expect(again.getConfig()).toEqual(loss.getConfig());
  const known = loss.getConfig() as Record<string, unknown>;
  for (const [key, value] of Object.entries(recorded.config)) {
    if (key === 'dtype') continue;
    const wanted = key === 'reduction' && typeof value === 'string' ? camel(value) : value;
    expect([key, known[camel(key)]]).toEqual([key, wanted]);
  }
});
