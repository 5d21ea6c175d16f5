import { tensor } from 'fovea';
import { expect, test, vi } from 'vitest';
import { cases, difference, numbers, options, type Recorded } from '../layers/recordings.ts';
import { compile, type Names, network, type Phase, pick, type Run } from './curves.ts';

interface Curve extends Run {
  sgd: Record<string, unknown>;
  phases: Phase[];
  losses: Recorded;
}

test.each(cases<Curve>('curves'))('$name: the curve is Keras’s', async (run) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const model = network(run);
  compile(model, run, run.sgd);
  const wanted = numbers(run.losses);
  let step = 0;
  for (const phase of run.phases) {
    for (const name of phase.freeze ?? []) model.getLayer(name).trainable = false;
    for (const name of phase.unfreeze ?? []) model.getLayer(name).trainable = true;
    if (phase.compile) compile(model, run, run.sgd);
    for (const end = step + phase.steps; step < end; step++) {
      const rows = tensor(Int32Array.from({ length: 8 }, (_, i) => (step * 8 + i) % 24));
      const { sample_weight: weight, class_weight: classWeight } = run.arguments;
      const { loss } = await model.trainOnBatch(pick(run.x, rows), pick(run.y, rows), {
        ...(weight === undefined ? {} : { sampleWeight: pick(weight as Names, rows) }),
        ...(classWeight === undefined ? {} : { classWeight: classWeight as Record<number, number> }),
      });
      const off = Math.abs(loss - wanted[step]!) / Math.max(1e-2, Math.abs(wanted[step]!));
      expect(off, `loss of step ${step}`).toBeLessThan(1e-4);
    }
  }
  for (const [i, weight] of model.getWeights().entries())
    expect(await difference(weight, run.final[i]!), model.weights[i]!.path).toBeLessThan(1e-4);
  warn.mockRestore();
});

interface Fit extends Run {
  history: Record<string, number[]>;
  evaluated: Record<string, number>;
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const arrays = new Set(['sample_weight', 'validation_data']);

test.each(cases<Fit>('curves', 'fits'))('fit and evaluate: $name', async (run) => {
  const model = network(run);
  compile(model, run, { learning_rate: 0.05 });
  const plain = Object.entries(run.arguments).filter(([key]) => !arrays.has(key));
  const data = Object.entries(run.arguments).filter(([key]) => arrays.has(key));
  const given = {
    ...options(Object.fromEntries(plain.filter(([key]) => key !== 'class_weight'))),
    ...Object.fromEntries(plain.filter(([key]) => key === 'class_weight').map(([, value]) => ['classWeight', value])),
    ...Object.fromEntries(data.map(([key, names]) => [camel(key), pick(names as Names)])),
  } as { sampleWeight?: never };
  const [x, y] = [pick(run.x), pick(run.y)];
  const { history } = await model.fit(x, y, { batchSize: 5, epochs: 2, shuffle: false, verbose: 0, ...given });
  expect(Object.keys(history).sort()).toEqual(Object.keys(run.history).map(camel).sort());
  for (const [key, column] of Object.entries(run.history))
    for (const [i, value] of column.entries())
      expect(Math.abs(Number(history[camel(key)]![i]) - value), `${key} ${i}`).toBeLessThan(1e-4 * Math.max(1, value));
  const { sampleWeight } = given;
  const measured = await model.evaluate(x, y, {
    batchSize: 7,
    verbose: 0,
    ...(sampleWeight === undefined ? {} : { sampleWeight }),
  });
  expect(Object.keys(measured).sort()).toEqual(Object.keys(run.evaluated).map(camel).sort());
  for (const [key, value] of Object.entries(run.evaluated))
    expect(Math.abs(Number(measured[camel(key)]) - value), `evaluated ${key}`).toBeLessThan(1e-4 * Math.max(1, value));
  for (const [i, weight] of model.getWeights().entries())
    expect(await difference(weight, run.final[i]!)).toBeLessThan(1e-4);
});
