import { metrics } from 'fovea';
import { expect, test } from 'vitest';
import { cases, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: string;
  options: Record<string, unknown>;
  autoName: string;
  updates: { yTrue: Recorded | null; yPred: Recorded; sampleWeight: Recorded | null; result: number }[];
  afterReset: number;
}

function made({ class: name, options: recorded }: Case): metrics.Metric {
  const Class = metrics[name as 'Mean'] as new (options: object) => metrics.Metric;
  return new Class(options(recorded));
}

test.each(cases<Case>('metrics'))('$name', async (recorded) => {
  const metric = made(recorded);
  expect(metric.name).toBe(recorded.autoName);
  for (const { yTrue, yPred, sampleWeight, result } of recorded.updates) {
    const weight = sampleWeight === null ? {} : { sampleWeight: restore(sampleWeight) };
    if (yTrue === null) metric.updateState(restore(yPred), weight);
    else metric.updateState(restore(yTrue), restore(yPred), weight);
    const off = Math.abs((await metric.result().item()) - result) / Math.max(1, Math.abs(result));
    expect(off).toBeLessThan(1e-6);
  }
  metric.resetState();
  expect(await metric.result().item()).toBe(recorded.afterReset);
});

test.each(cases<Case>('metrics'))('$name: the config makes an equal metric', (recorded) => {
  const metric = made(recorded);
  expect(metrics.get(metrics.serialize(metric)).getConfig()).toEqual(metric.getConfig());
});

test('a typo names the nearest', () => {
  expect(() => metrics.get('acuracy' as never)).toThrow("Did you mean 'accuracy'?");
  expect(() => metrics.get('mean_squared_error' as never)).toThrow("Did you mean 'meanSquaredError'?");
});

test('a metric can be called: it updates and gives the result so far', async () => {
  const mean = new metrics.Mean();
  expect(await (mean as unknown as (x: number[]) => { item(): Promise<number> })([1, 3]).item()).toBe(2);
});
