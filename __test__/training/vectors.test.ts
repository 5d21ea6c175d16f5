import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callbacks, Input, layers, metrics, ops, optimizers, Sequential, type Tensor, zeros } from 'fovea';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { camel, cases, numbers, options, type Recorded, restore } from '../layers/recordings.ts';

type Logs = Record<string, Recorded>;

interface Case {
  name: string;
  metrics: { kind: string; options: Record<string, unknown> }[];
  x: Recorded;
  y: Recorded;
  weights: Recorded[];
  history: Record<string, Recorded[]>;
  batchLogs: Logs[];
  csv: string;
  evaluated: Logs;
  onBatch: Logs;
}

/** The mean prediction of each class, shaped. */
class Shares extends metrics.Metric {
  readonly shape: readonly number[];
  readonly total = this.addVariable('total', [3]);
  readonly count = this.addVariable('count');

  constructor({ shape = [3] }: { shape?: readonly number[] } = {}) {
    super({ name: 'shares' });
    this.shape = shape;
  }

  override updateState(_yTrue: Tensor, yPred: Tensor): void {
    this.total.assign(this.total.value.add(yPred.sum(0)));
    this.count.assign(this.count.value.add(yPred.dim(0)));
  }

  override result(): Tensor {
    return this.total.value.div(this.count).reshape(this.shape);
  }
}

/** How often each class was the greatest prediction, int32 [3]. */
class Hits extends metrics.Metric {
  readonly total = this.addVariable('total', [3]);

  constructor() {
    super({ name: 'hits' });
  }

  override updateState(_yTrue: Tensor, yPred: Tensor): void {
    this.total.assign(this.total.value.add(ops.oneHot(ops.argmax(yPred, -1), 3).sum(0)));
  }

  override result(): Tensor {
    return this.total.value.cast('int32');
  }
}

const own = { Shares, Hits };

function made({ kind, options: given }: Case['metrics'][number]): metrics.Metric {
  const Class = { ...metrics, ...own }[kind as 'Shares'] as new (options: object) => metrics.Metric;
  return new Class(options(given));
}

/** Keras's name of a log as ours is; a beta stands for itself. */
const log = (name: string): string => camel(name).replace('fbeta', 'fBeta').replace('Fbeta', 'FBeta');

/** Compares a log with what Keras had there: its nesting, and its numbers. */
function check(actual: unknown, wanted: Recorded, name: string): void {
  let inner = actual;
  for (const side of wanted.shape) {
    expect(inner, name).toHaveLength(side);
    inner = (inner as unknown[])[0];
  }
  expect(typeof inner, name).toBe('number');
  const flat = [actual].flat(Number.POSITIVE_INFINITY) as number[];
  for (const [i, value] of numbers(wanted).entries()) expect(flat[i], `${name} ${i}`).toBeCloseTo(value, 5);
}

function checkAll(actual: object, wanted: Logs): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(wanted).map(log).sort());
  for (const [key, value] of Object.entries(wanted)) check((actual as Record<string, unknown>)[log(key)], value, key);
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-vectors-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe.each([false, true])('eagerly: %s', (runEagerly) => {
  test.each(cases<Case>('vectors'))('logs of $name are Keras’s', async (recorded) => {
    const model = new Sequential([Input([4]), new layers.Dense(3, { activation: 'softmax' })]);
    model.setWeights(recorded.weights.map(restore));
    model.compile({
      optimizer: new optimizers.SGD(0.1),
      loss: 'categoricalCrossentropy',
      metrics: recorded.metrics.map(made),
      runEagerly,
    });
    const batches: object[] = [];
    const onTrainBatchEnd = (_: number, logs: callbacks.Logs) => void batches.push({ ...logs });
    const filename = join(folder, 'log.csv');
    const [x, y] = [restore(recorded.x), restore(recorded.y)];
    const { history } = await model.fit(x, y, {
      batchSize: 4,
      epochs: 2,
      shuffle: false,
      verbose: 0,
      validationSplit: 0.3,
      callbacks: [{ onTrainBatchEnd }, new callbacks.CSVLogger(filename)],
    });
    expect(Object.keys(history).sort()).toEqual(Object.keys(recorded.history).map(log).sort());
    for (const [key, column] of Object.entries(recorded.history)) {
      expect(history[log(key)]).toHaveLength(column.length);
      for (const [epoch, value] of column.entries()) check(history[log(key)]![epoch], value, key);
    }
    expect(batches).toHaveLength(recorded.batchLogs.length);
    for (const [i, wanted] of recorded.batchLogs.entries()) checkAll(batches[i]!, wanted);
    const measured = await model.evaluate(x, y, { batchSize: 5, verbose: 0 });
    checkAll(measured, recorded.evaluated);
    checkAll(await model.testOnBatch(x, y), recorded.onBatch);
    // Rows of nested arrays NumPy writes in a way of its own.
    if (Object.values(recorded.evaluated).some(({ shape }) => shape.length > 1)) return;
    const [ours, wanted] = [await readFile(filename, 'utf8'), recorded.csv].map((text) => text.trim().split('\r\n'));
    expect(ours![0]!.split(',').sort()).toEqual(wanted![0]!.split(',').map(log).sort());
    const cells = (line: string) => line.match(/"(?:""|[^"])*"|[^,]+/g)!;
    const sorted = (lines: string[]) => {
      const names = lines[0]!.split(',').map(log);
      const row = (line: string): Record<string, string> =>
        Object.fromEntries(cells(line).map((cell, i) => [names[i], cell]));
      return lines.slice(1).map(row);
    };
    for (const [i, row] of sorted(wanted!).entries())
      for (const [name, cell] of Object.entries(row)) {
        const mine = sorted(ours!)[i]![name!]!;
        const shape = (text: string) => text.replace(/[\d.e-]+/g, '0');
        expect(shape(mine), name).toBe(shape(cell));
        const values = (text: string) => [...text.matchAll(/[\d.e-]+/g)].map(Number);
        for (const [j, value] of values(cell).entries()) expect(values(mine)[j]).toBeCloseTo(value, 5);
      }
  });
});

function watched(): Sequential {
  const model = new Sequential([Input([4]), new layers.Dense(3, { activation: 'softmax' })]);
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [new Shares()] });
  return model;
}

const [x, y] = [zeros([8, 4]), zeros([8, 3])];

test.each(cases<{ kind: 'EarlyStopping'; options: Record<string, unknown>; error: string }>('vectors', 'watched'))(
  '$kind cannot watch a log of several numbers',
  async ({ kind, options: given, error }) => {
    expect(error).toContain('ambiguous');
    const { monitor, ...rest } = options(given) as { monitor: string };
    const callback = new callbacks[kind]({ monitor: log(monitor), ...rest });
    await expect(
      watched().fit(x, y, { epochs: 3, verbose: 0, validationSplit: 0.5, callbacks: callback }),
    ).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringMatching(
        `${kind}: monitor 'valShares' must be a log of one number; received \\[0\\.33\\d+, 0\\.33\\d+, 0\\.33\\d+\\]`,
      ),
    });
  },
);

test('the progress bar shows the mean', async () => {
  let drawn = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    drawn += text;
    return true;
  });
  try {
    await watched().fit(x, y, { verbose: 2, validationSplit: 0.5 });
  } finally {
    write.mockRestore();
  }
  expect(drawn).toMatch(/ - shares: 0\.3333 .* - valShares: 0\.3333\n$/);
});

test('TensorBoard leaves out what is no scalar', async () => {
  const board = new callbacks.TensorBoard({ logDir: folder });
  await watched().fit(x, y, { epochs: 2, verbose: 0, callbacks: board });
});

test('a thousand numbers in a log', async () => {
  const model = new Sequential([Input([4]), new layers.Dense(1000, { activation: 'softmax' })]);
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [new metrics.F1Score()] });
  const { history } = await model.fit(x, zeros([8, 1000]), { epochs: 2, batchSize: 2, verbose: 0 });
  expect(history.f1Score).toHaveLength(2);
  expect(history.f1Score![1]).toHaveLength(1000);
});
