import {
  type Batch,
  gradients,
  Input,
  layers,
  Model,
  optimizers,
  random,
  Sequential,
  setSeed,
  type Tensor,
} from 'fovea';
import { describe, expect, test } from 'vitest';
import { fingerprint } from './networks.ts';

const x = random.normal([40, 4], { seed: 1 });
const y = random.normal([40, 2], { seed: 2 });

function small(options: object = {}): Sequential {
  const model = new Sequential([Input([4]), new layers.Dense(8, { activation: 'relu' }), new layers.Dense(2)]);
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], ...options });
  return model;
}

const quiet = { verbose: 0 } as const;

/** Waits until a model that is being trained has surely done a step after this moment. */
async function aStepLater(model: Sequential): Promise<void> {
  const steps = () => model.optimizer.iterations.item();
  const before = await steps();
  while ((await steps()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('what is trained gets better, and history keeps every epoch', async () => {
  setSeed(3);
  const model = small();
  const history = await model.fit({ x, y }, { epochs: 20, batchSize: 8, ...quiet });
  expect(history.epoch).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(history.history.loss.at(-1)).toBeLessThan(history.history.loss[0]! * 0.9);
  expect(model.history).toBe(history);
  expect(await model.optimizer.iterations.item()).toBe(100);
});

test('same seed, same bits', async () => {
  const run = async () => {
    setSeed(5);
    const model = new Sequential([Input([4]), new layers.Dense(8), new layers.Dropout(0.5), new layers.Dense(2)]);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    await model.fit(x, y, { epochs: 3, batchSize: 16, ...quiet });
    return fingerprint(model.getWeights());
  };
  expect(await run()).toBe(await run());
});

describe('data come in many forms', () => {
  const weights = () =>
    Array.from({ length: 4 }, (_, i) => random.normal(i % 2 ? [i < 2 ? 8 : 2] : i ? [8, 2] : [4, 8], { seed: i }));
  const parts = () =>
    Array.from({ length: 5 }, (_, i) => ({ x: x.slice(i * 8, i * 8 + 8), y: y.slice(i * 8, i * 8 + 8) }));
  async function* stream() {
    for (const part of parts()) yield part;
  }
  const forms: Record<string, [unknown, unknown?]> = {
    tensors: [x, y],
    'a batch': [{ x, y }],
    'a list of batches': [parts()],
    pairs: [
      parts()
        .map(({ x: a, y: b }) => [a, b])
        [Symbol.iterator](),
    ],
    'a function that makes an async iterable': [() => stream()],
  };
  test.each(Object.entries(forms))('%s', async (_, [first, second]) => {
    const model = small();
    model.setWeights(weights());
    const options = { batchSize: 8, shuffle: false, ...quiet };
    const history = second
      ? await model.fit(first as Tensor, second as Tensor, options)
      : await model.fit(first as never, options);
    const wanted = small();
    wanted.setWeights(weights());
    const other = await wanted.fit(x, y, { batchSize: 8, shuffle: false, ...quiet });
    expect(history.history).toEqual(other.history);
    expect(await fingerprint(model.getWeights())).toBe(await fingerprint(wanted.getWeights()));
  });

  test('plain arrays', async () => {
    const model = small();
    await model.fit(
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
      [
        [1, 2],
        [3, 4],
      ],
      quiet,
    );
    expect((await model.predict([[1, 2, 3, 4]], quiet)).shape).toEqual([1, 2]);
  });

  test('an iterator that runs dry is an error', async () => {
    const model = small();
    await expect(model.fit(stream(), { epochs: 2, ...quiet })).rejects.toThrow('ran dry');
    await expect(model.fit(() => stream(), { stepsPerEpoch: 6, ...quiet })).rejects.toThrow(
      '6 steps were to come, 5 came',
    );
  });

  test('an iterator’s own error comes through', async () => {
    const model = small();
    async function* broken() {
      yield { x, y };
      throw new Error('the disk is gone');
    }
    await expect(model.fit(() => broken(), quiet)).rejects.toThrow('the disk is gone');
    await model.fit(x, y, quiet);
  });

  test('an iterable goes on from epoch to epoch where steps are counted', async () => {
    let made = 0;
    function* endless() {
      for (;;) {
        made++;
        yield { x, y };
      }
    }
    await small().fit(endless(), { epochs: 3, stepsPerEpoch: 4, ...quiet });
    expect(made).toBeGreaterThanOrEqual(12);
    expect(made).toBeLessThanOrEqual(16);
  });
});

test('several inputs and outputs, by name or in order', async () => {
  const [a, b] = [Input([4], { name: 'left' }), Input([4], { name: 'right' })];
  const both = new layers.Add()([a, b]);
  const model = new Model(
    [a, b],
    [new layers.Dense(2, { name: 'sum' })(both), new layers.Dense(1, { name: 'one' })(both)],
  );
  model.compile({ optimizer: 'sgd', loss: { sum: 'mse', one: 'mae' } });
  const one = y.slice([0, 0], [40, 1]);
  await model.fit([x, x], [y, one], quiet);
  await model.fit([x, x], { sum: y, one }, quiet);
  const [first, second] = (await model.predict([x, x], quiet)) as [Tensor, Tensor];
  expect([first.shape, second.shape]).toEqual([
    [40, 2],
    [40, 1],
  ]);
  await expect(model.fit([x, x], { summ: y, one }, quiet)).rejects.toThrow("Did you mean 'sum'?");
});

test('evaluate and validation leave the training’s metrics alone', async () => {
  setSeed(1);
  const model = small();
  const plain = await model.fit(x, y, { epochs: 2, shuffle: false, batchSize: 8, ...quiet });
  setSeed(1);
  const other = small();
  other.setWeights(small().getWeights());
  const inside: number[] = [];
  await model.fit(x, y, {
    ...quiet,
    batchSize: 8,
    callbacks: {
      async onTrainBatchEnd(batch, logs) {
        const before = logs.loss;
        const measured = await model.evaluate(x, y, quiet);
        expect(measured.loss).not.toBe(before);
        inside.push(batch);
      },
    },
  });
  expect(inside).toEqual([0, 1, 2, 3, 4]);
  expect(plain.history.loss).toHaveLength(2);
});

test('runEagerly gives what a compiled step gives', async () => {
  const weights = small().getWeights();
  const run = async (runEagerly: boolean) => {
    const model = small({ runEagerly });
    model.setWeights(weights);
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 16, shuffle: false, ...quiet });
    return { loss: history.loss, evaluated: await model.evaluate(x, y, quiet), weights: model.getWeights() };
  };
  const [compiled, eager] = [await run(false), await run(true)];
  for (const [i, loss] of compiled.loss.entries()) expect(eager.loss[i]).toBeCloseTo(loss, 5);
  expect(eager.evaluated.loss).toBeCloseTo(compiled.evaluated.loss, 5);
  for (const [i, w] of compiled.weights.entries())
    expect(await w.allClose(eager.weights[i]!, { atol: 1e-5 })).toBe(true);
});

test('a trainStep of one’s own is used and compiled once', async () => {
  let traced = 0;
  class Net extends Sequential {
    override trainStep(batch: Batch) {
      traced++;
      const yPred = this(batch.x, { training: true });
      const loss = this.computeLoss({ ...batch, yPred });
      const v = this.trainableVariables;
      this.optimizer.apply(gradients(loss, v), v);
      return { ...this.computeMetrics({ ...batch, yPred }), twice: loss.mul(2) };
    }
  }
  const net = new Net([Input([4]), new layers.Dense(2)]);
  net.compile({ optimizer: 'sgd', loss: 'mse' });
  const { history } = await net.fit(x, y, { epochs: 3, batchSize: 40, ...quiet });
  expect(traced).toBe(1);
  expect(history.twice![0]).toBeCloseTo(2 * history.loss[0]!, 5);
});

test('a model without a shape is built by its first data', async () => {
  const model = new Sequential([new layers.Dense(3, { activation: 'relu' }), new layers.Dense(2)]);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  await model.fit(x, y, quiet);
  expect(model.countParams()).toBe(4 * 3 + 3 + 3 * 2 + 2);
});

test('frozen weights stay as they are', async () => {
  const model = small();
  model.layers[0]!.trainable = false;
  const before = await fingerprint(model.layers[0]!.getWeights());
  const other = await fingerprint(model.layers[1]!.getWeights());
  await model.fit(x, y, quiet);
  expect(await fingerprint(model.layers[0]!.getWeights())).toBe(before);
  expect(await fingerprint(model.layers[1]!.getWeights())).not.toBe(other);
});

test('the learning rate can be changed between epochs', async () => {
  const model = small({ optimizer: new optimizers.SGD(0.1) });
  const seen: string[] = [];
  await model.fit(x, y, {
    epochs: 2,
    ...quiet,
    callbacks: {
      async onEpochEnd() {
        model.optimizer.learningRate = 0;
        seen.push(await fingerprint(model.getWeights()));
      },
    },
  });
  expect(seen[0]).toBe(seen[1]);
});

test('predict gives all samples in order, whatever the batch size', async () => {
  const model = small();
  const [a, b] = [
    await model.predict(x, { batchSize: 7, ...quiet }),
    await model.predict(x, { batchSize: 40, ...quiet }),
  ];
  expect(a.shape).toEqual([40, 2]);
  expect(await a.allClose(b, { atol: 1e-6 })).toBe(true);
});

test('weights taken in the middle of a fit stay those of that moment', async () => {
  const model = small();
  let taken: Promise<{ weights: Tensor[]; seen: string }> | undefined;
  const take = (epoch: number) => {
    if (epoch !== 2) return;
    const weights = model.getWeights();
    taken = fingerprint(weights).then((seen) => ({ weights, seen }));
  };
  await model.fit(x, y, { epochs: 20, batchSize: 4, callbacks: { onEpochEnd: take }, ...quiet });
  const { weights, seen } = await taken!;
  expect(await fingerprint(weights)).toBe(seen);
  expect(await fingerprint(model.getWeights())).not.toBe(seen);
});

test('what is read of a variable in the middle of an epoch is its value of that moment', async () => {
  const model = small();
  const [kernel] = model.weights;
  const many = { x: random.normal([40_000, 4], { seed: 1 }), y: random.normal([40_000, 2], { seed: 2 }) };
  const fitting = model.fit(many, { epochs: 1e6, batchSize: 2, ...quiet });
  const read: Tensor[][] = [];
  while (read.length < 10) {
    await aStepLater(model);
    read.push([kernel!.value, kernel!.mul(1), model.getWeights()[0]!]);
  }
  model.stopTraining = true;
  await fitting;
  // Nobody has asked for these data yet: all were taken from a moving target, most of them within one epoch.
  const moments = await Promise.all(read.map((values) => Promise.all(values.map((value) => fingerprint([value])))));
  const last = await fingerprint([kernel!.value]);
  expect(moments[0]).not.toContain(last);
  for (const [i, one] of moments.entries()) {
    for (const other of moments.slice(i + 1)) for (const value of one) expect(other).not.toContain(value);
  }
});

test('predict and evaluate run while a fit without hooks does', async () => {
  const model = small();
  const fitting = model.fit(x, y, { epochs: 1e6, batchSize: 4, ...quiet });
  await aStepLater(model);
  const first = await model.predict(x, quiet);
  await aStepLater(model);
  const second = await model.predict(x, quiet);
  expect(await first.equals(second)).toBe(false);
  const { loss } = await model.evaluate(x, y, quiet);
  expect(Number.isFinite(loss)).toBe(true);
  model.stopTraining = true;
  const { history } = await fitting;
  expect(history.loss.every(Number.isFinite)).toBe(true);
});

test('validationData wins over validationSplit', async () => {
  const steps: number[] = [];
  const model = small();
  const counts = { onEpochBegin: () => steps.push(0), onTrainBatchEnd: () => void steps[steps.length - 1]!++ };
  const data = { validationData: { x: x.slice(0, 8), y: y.slice(0, 8) }, validationSplit: 0.5 };
  const history = await model.fit({ x, y }, { batchSize: 8, callbacks: [counts], ...data, ...quiet });
  expect(steps).toEqual([5]);
  expect(history.history.valLoss).toHaveLength(1);
});
