import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callbacks, Input, layers, optimizers, Sequential, zeros } from 'fovea';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { record, scalarEvent } from '../../ts/callbacks/event-file.ts';
import { camel, cases, difference, numbers, options, type Recorded, restore } from '../layers/recordings.ts';
import { type Logs, snakeOf } from './support.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-callbacks-'));
});

afterAll(() => rm(folder, { recursive: true }));

function linear(optimizer: optimizers.Optimizer, metrics: 'mae'[] = ['mae']): Sequential {
  const model = new Sequential([Input([2]), new layers.Dense(1)]);
  model.setWeights([[[0.5], [-0.25]], [0]]);
  model.compile({ optimizer, loss: 'mse', metrics });
  return model;
}

/** A callback by its class. */
function made(name: string, recorded: Record<string, unknown>): callbacks.EarlyStopping {
  const Class = callbacks[name as 'EarlyStopping'] as new (options: object) => callbacks.EarlyStopping;
  return new Class(options(recorded));
}

interface Watched {
  name: string;
  class: string;
  options: Record<string, unknown>;
  log: string;
  values: number[];
  epochs: number;
  rates: number[];
  stopped: boolean;
  weight: number;
  wait: number;
  best: number;
}

test.each(cases<Watched>('callbacks', 'watched'))('$name', async (recorded) => {
  const model = linear(new optimizers.SGD(0.1));
  const callback = made(recorded.class, recorded.options);
  Object.assign(callback, { model, params: { epochs: recorded.values.length, steps: 1, verbose: 0 } });
  const log = recorded.log === 'val_loss' ? 'valLoss' : recorded.log;
  await callback.onTrainBegin();
  for (let epoch = 0; epoch < recorded.epochs; epoch++) {
    expect(model.stopTraining).toBe(false);
    model.setWeights([[[epoch], [epoch]], [0]]);
    await callback.onEpochEnd(epoch, { [log]: recorded.values[epoch] } as Logs);
    expect(await model.optimizer.learningRate.item()).toBeCloseTo(recorded.rates[epoch]!, 8);
  }
  await callback.onTrainEnd?.();
  expect(model.stopTraining).toBe(recorded.stopped);
  expect((await model.getWeights()[0]!.data())[0]).toBe(recorded.weight);
  expect(callback.wait).toBe(recorded.wait);
  expect(callback.best).toBe(recorded.best);
});

interface Fit {
  name: string;
  callbacks: { class: string; options: Record<string, unknown> }[];
  options: Record<string, unknown>;
  x: Recorded;
  y: Recorded;
  epoch: number[];
  history: Record<string, number[]>;
  csv: string | null;
  weights: Recorded[];
}

const halving = (epoch: number, rate: number) => (epoch % 2 ? rate * 0.5 : rate);

test.each(cases<Fit>('callbacks', 'fits'))('$name', async (recorded) => {
  const filename = join(folder, `${recorded.name}.csv`);
  const list = recorded.callbacks.map(({ class: name, options: own }) => {
    if (name === 'CSVLogger') return new callbacks.CSVLogger({ filename, ...own });
    if (name === 'LearningRateScheduler') return new callbacks.LearningRateScheduler(halving);
    return made(name, own);
  });
  const model = linear(new optimizers.SGD(0.05));
  const { epoch, history } = await model.fit(restore(recorded.x), restore(recorded.y), {
    batchSize: 4,
    shuffle: false,
    verbose: 0,
    callbacks: list,
    ...options(recorded.options),
  });
  expect(epoch).toEqual(recorded.epoch);
  expect(Object.keys(history).map(snakeOf).sort()).toEqual(Object.keys(recorded.history).sort());
  for (const [key, column] of Object.entries(history))
    for (const [i, value] of recorded.history[snakeOf(key)]!.entries())
      expect(Math.abs(Number(column![i]) - value), `${key} ${i}`).toBeLessThan(2e-5 * Math.max(1, value));
  for (const [i, weight] of model.getWeights().entries())
    expect(await difference(weight, recorded.weights[i]!)).toBeLessThan(1e-5);
  if (recorded.csv === null) return;
  const [ours, wanted] = [await readFile(filename, 'utf8'), recorded.csv].map((text) => text.split('\r\n'));
  expect(ours!.length).toBe(wanted!.length);
  const separator = wanted![0]!.includes(';') ? ';' : ',';
  const columns = ours![0]!.split(separator).map(snakeOf);
  expect([...columns].sort()).toEqual(wanted![0]!.split(separator).sort());
  for (const [i, line] of ours!.entries()) {
    if (i === 0 || line === '') continue;
    const row = Object.fromEntries(line.split(separator).map((cell, c) => [columns[c], cell]));
    for (const [c, cell] of wanted![i]!.split(separator).entries()) {
      const mine = row[wanted![0]!.split(separator)[c]!]!;
      if (cell === 'NA') expect(mine).toBe('NA');
      else expect(Number(mine)).toBeCloseTo(Number(cell), 4);
    }
  }
});

interface Call {
  hook: string;
  index: number | null;
  keys: string[];
}

test.each(['fit', 'evaluate', 'predict'] as const)(
  'the hooks of %s come in Keras’s order, with its logs',
  async (method) => {
    const [wanted] = [(cases<never>('callbacks', 'hooks') as unknown as Record<string, Call[]>)[method]!];
    const seen: Call[] = [];
    const hooks = [...new Set(wanted.map(({ hook }) => hook))].map((hook) => {
      const call = (...args: unknown[]) => {
        const logs = args.at(-1) as Logs;
        const index = typeof args[0] === 'number' ? args[0] : null;
        seen.push({ hook, index, keys: Object.keys(logs).map(snakeOf).sort() });
      };
      return [hook.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), call];
    });
    const model = linear(new optimizers.SGD());
    const watch = new callbacks.LambdaCallback(Object.fromEntries(hooks));
    const shared = { batchSize: 5, verbose: 0, callbacks: watch } as const;
    const [x, y] = [zeros([12, 2]), zeros([12, 1])];
    if (method === 'fit') await model.fit(x, y, { ...shared, epochs: 2, validationSplit: 0.25 });
    else if (method === 'evaluate') await model.evaluate(x, y, shared);
    else await model.predict(x, shared);
    expect(seen).toEqual(wanted);
  },
);

interface Terminated {
  name: string;
  rate: number;
  options: Record<string, unknown>;
  x: Recorded;
  y: Recorded;
  said: string;
  epoch: number[];
  history: Record<string, Recorded>;
  calls: string[];
}

test.each(cases<Terminated>('callbacks', 'terminated'))('TerminateOnNaN beside validation: $name', async (recorded) => {
  const { metrics = [], ...given } = options(recorded.options) as { metrics?: 'mae'[] };
  const model = linear(new optimizers.SGD(recorded.rate), metrics);
  const say = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const calls: string[] = [];
  const hooks = [...new Set(recorded.calls)].map((hook) => [camel(hook), () => void calls.push(hook)]);
  const [x, y] = [restore(recorded.x), restore(recorded.y)];
  const { epoch, history } = await model.fit(x, y, {
    batchSize: 3,
    epochs: 8,
    shuffle: false,
    verbose: 0,
    validationData: [x, y],
    callbacks: [new callbacks.TerminateOnNaN(), Object.fromEntries(hooks)],
    ...given,
  });
  const said = say.mock.calls.map(([line]) => `${line}\n`).join('');
  say.mockRestore();
  expect(said).toBe(recorded.said);
  expect(epoch).toEqual(recorded.epoch);
  expect(Object.keys(history).sort()).toEqual(Object.keys(recorded.history).map(camel).sort());
  for (const [key, column] of Object.entries(recorded.history)) {
    const wanted = [...numbers(column)];
    const ours = history[camel(key)] as number[];
    expect(ours).toHaveLength(wanted.length);
    for (const [i, value] of wanted.slice(0, -1).entries()) expect(ours[i]! / value, `${key} ${i}`).toBeCloseTo(1, 4);
    // The step that broke off is undone here, so the numbers of its epoch are others; of no loss there is one.
    if (key.endsWith('loss')) expect([ours.at(-1), wanted.at(-1)].some(Number.isFinite)).toBe(false);
  }
  // On weights that Keras breaks it measures a validation; here there is none.
  const validated = 'val_loss' in recorded.history;
  expect(calls).toEqual(recorded.calls.filter((_, i, { length }) => !(validated && i === length - 3)));
  for (const weight of model.getWeights()) expect([...(await weight.data())].every(Number.isFinite)).toBe(true);
});

interface Averages {
  name: string;
  options: Record<string, unknown>;
  swap: Record<string, unknown> | null;
  epochs: number;
  x: Recorded;
  y: Recorded;
  history: Record<string, number[]>;
  weights: Recorded[];
  averages: Recorded[];
}

test.each(cases<Averages>('callbacks', 'averages'))('averages of weights: $name', async (recorded) => {
  const optimizer = new optimizers.SGD({ learningRate: 0.1, useEma: true, ...options(recorded.options) });
  const model = linear(optimizer, []);
  const [x, y] = [restore(recorded.x), restore(recorded.y)];
  const { history } = await model.fit(x, y, {
    batchSize: 4,
    epochs: recorded.epochs,
    shuffle: false,
    validationData: [x, y],
    verbose: 0,
    callbacks: recorded.swap === null ? [] : [new callbacks.SwapEMAWeights(options(recorded.swap))],
  });
  for (const [key, column] of Object.entries(recorded.history))
    for (const [i, value] of column.entries())
      expect(history[key === 'val_loss' ? 'valLoss' : key]![i]).toBeCloseTo(value, 4);
  for (const [i, weight] of model.getWeights().entries())
    expect(await difference(weight, recorded.weights[i]!)).toBeLessThan(1e-5);
  const averages = optimizer.variables.filter(({ path }) => path.endsWith('average'));
  for (const [i, average] of averages.entries())
    expect(await difference(average.value, recorded.averages[i]!)).toBeLessThan(1e-5);
});

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

test('records and events are TensorFlow’s, byte by byte', () => {
  const { framing, event } = cases<never>('callbacks', 'records') as unknown as {
    framing: { payload: string; framed: string }[];
    event: string;
  };
  for (const { payload, framed } of framing) expect(new Uint8Array(record(bytes(payload)))).toEqual(bytes(framed));
  expect(new Uint8Array(scalarEvent(1234.5, 300, 'epoch_loss', 0.25))).toEqual(bytes(event));
});
