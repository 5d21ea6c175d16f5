import { Dataset, Input, layers, type Model, optimizers, Sequential, type Tensor, tensor } from 'fovea';
import { expect, test, vi } from 'vitest';

/** A network that counts which samples it is trained on: sample i adds 2^i to its only weight. */
class Counting extends Sequential {
  override trainStep({ x }: { x: Tensor }) {
    const [weight] = this.weights;
    const sum = x.sum();
    weight!.assign(weight!.add(sum));
    return { loss: sum };
  }
}

function counting(): Counting {
  const model = new Counting([Input([1]), new layers.Dense(1, { useBias: false, kernelInitializer: 'zeros' })]);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  return model;
}

const samples = tensor(Float32Array.from({ length: 10 }, (_, i) => 2 ** i)).reshape([10, 1]);

/** Which samples a sum of powers of two is made of. */
const parts = (sum: number) => [...Array(10).keys()].filter((i) => (sum >> i) & 1);

/** The samples of each epoch. */
async function epochs(model: Model, options: object): Promise<number[][]> {
  const list: number[][] = [];
  let before = 0;
  await model.fit(samples, samples, {
    batchSize: 2,
    verbose: 0,
    callbacks: {
      async onEpochEnd() {
        const now = (await model.getWeights()[0]!.data())[0]!;
        list.push(parts(now - before));
        before = now;
      },
    },
    ...options,
  });
  return list;
}

test('with stepsPerEpoch an epoch goes on where the last one ended', async () => {
  const taken = await epochs(counting(), { stepsPerEpoch: 2, epochs: 4, shuffle: false });
  expect(taken).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
    [0, 1, 2, 3],
  ]);
});

test('shuffled, epochs that belong together have each sample once', async () => {
  const taken = await epochs(counting(), { stepsPerEpoch: 2, epochs: 6 });
  expect(taken.map(({ length }) => length)).toEqual([4, 4, 2, 4, 4, 2]);
  expect([...taken.slice(0, 3).flat()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...taken.slice(3).flat()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(taken.slice(0, 3)).not.toEqual(taken.slice(3));
});

test('validation with a number of steps begins anew each time', async () => {
  const model = new Sequential([Input([1]), new layers.Dense(1, { useBias: false, kernelInitializer: 'ones' })]);
  model.compile({ optimizer: new optimizers.SGD(0), loss: 'mae' });
  const targets = samples.mul(3);
  for (const validationData of [
    { x: samples, y: targets },
    Dataset.fromTensors({ x: samples, y: targets }).batch(2),
    () => [
      { x: samples.slice([0], [2]), y: targets.slice([0], [2]) },
      { x: samples.slice([2], [4]), y: targets.slice([2], [4]) },
    ],
  ]) {
    const { history } = await model.fit(samples, samples, {
      epochs: 2,
      batchSize: 2,
      verbose: 0,
      validationData: validationData as never,
      validationSteps: 1,
    });
    expect(history.valLoss).toEqual([3, 3]);
  }
});

const frozen = () => {
  const model = new Sequential([Input([1]), new layers.Dense(1), new layers.Dense(1)]);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  return model;
};

const changed = async (model: Model, work: () => Promise<unknown>) => {
  const before = await Promise.all(model.getWeights().map((weight) => weight.data()));
  await work();
  const after = await Promise.all(model.getWeights().map((weight) => weight.data()));
  return before.map((values, i) => String(values) !== String(after[i]));
};

test('layers frozen after a fit stop learning with the next compile, and that is said once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const model = frozen();
  const small = tensor([[0.1], [0.2]]);
  const once = () => changed(model, () => model.fit(small, small, { verbose: 0 }));
  expect(await once()).toEqual([true, true, true, true]);
  model.layers[0]!.trainable = false;
  expect(await once()).toEqual([true, true, true, true]);
  await once();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(String(warn.mock.calls[0]![0])).toContain('Call compile again');
  expect(model.layers[0]!.trainable).toBe(false);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  expect(await once()).toEqual([false, false, true, true]);
  model.layers[0]!.trainable = true;
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  expect(await once()).toEqual([true, true, true, true]);
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

test('layers frozen before the first step stay as they are', async () => {
  const model = frozen();
  model.layers[0]!.trainable = false;
  const small = tensor([[0.1], [0.2]]);
  expect(await changed(model, () => model.fit(small, small, { verbose: 0 }))).toEqual([false, false, true, true]);
});

test('trainOnBatch and testOnBatch measure their batch alone', async () => {
  const model = new Sequential([Input([1]), new layers.Dense(1, { useBias: false, kernelInitializer: 'ones' })]);
  model.compile({ optimizer: new optimizers.SGD(0), loss: 'mae' });
  for (const method of ['trainOnBatch', 'testOnBatch'] as const) {
    expect((await model[method](tensor([[1]]), tensor([[3]]))).loss).toBe(2);
    expect((await model[method](tensor([[1]]), tensor([[2]]))).loss).toBe(1);
  }
  expect(await (await model.predictOnBatch(tensor([[4], [5]]))).array()).toEqual([[4], [5]]);
});

test('a new schedule counts from the next step on', async () => {
  const model = new Sequential([Input([1]), new layers.Dense(1, { useBias: false, kernelInitializer: 'zeros' })]);
  model.compile({ optimizer: new optimizers.SGD(0), loss: 'mae' });
  const one = tensor([[1]]);
  await model.trainOnBatch(one, one);
  expect((await model.getWeights()[0]!.data())[0]).toBe(0);
  model.optimizer.learningRate = new optimizers.schedules.PiecewiseConstantDecay([1], [0.5, 0.25]);
  await model.trainOnBatch(one, one);
  await model.trainOnBatch(one, one);
  expect((await model.getWeights()[0]!.data())[0]).toBe(0.75);
});
