import { callbacks, Input, layers, optimizers, random, Sequential, type Tensor } from 'fovea';
import { expect, test } from 'vitest';
import { fingerprint } from '../training/networks.ts';

const quiet = { verbose: 0 } as const;
const x = random.normal([12, 3], { seed: 1 });
const y = random.normal([12, 1], { seed: 2 });

function model(): Sequential {
  const made = new Sequential([Input([3]), new layers.Dense(1)]);
  made.compile({ optimizer: new optimizers.SGD(0.01), loss: 'mse' });
  return made;
}

test('hooks come in Keras’s order, and are awaited', async () => {
  const calls: string[] = [];
  const note = (name: string) => async (step?: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    calls.push(typeof step === 'number' ? `${name} ${step}` : name);
  };
  const hooks = Object.fromEntries(
    [
      'TrainBegin',
      'TrainEnd',
      'EpochBegin',
      'EpochEnd',
      'TrainBatchBegin',
      'TrainBatchEnd',
      'TestBegin',
      'TestEnd',
    ].map((name) => [`on${name}`, note(name)]),
  );
  await model().fit(x, y, { ...quiet, batchSize: 6, validationData: [x, y], callbacks: hooks });
  expect(calls).toEqual([
    'TrainBegin',
    'EpochBegin 0',
    'TrainBatchBegin 0',
    'TrainBatchEnd 0',
    'TrainBatchBegin 1',
    'TrainBatchEnd 1',
    'TestBegin',
    'TestEnd',
    'EpochEnd 0',
    'TrainEnd',
  ]);
});

test('a throw in any hook rejects fit with that error', async () => {
  for (const hook of [
    'onTrainBegin',
    'onEpochBegin',
    'onTrainBatchBegin',
    'onTrainBatchEnd',
    'onEpochEnd',
    'onTrainEnd',
  ]) {
    const failing = {
      [hook]: () => {
        throw new Error(`in ${hook}`);
      },
    };
    const trained = model();
    await expect(trained.fit(x, y, { ...quiet, callbacks: failing })).rejects.toThrow(`in ${hook}`);
    await trained.fit(x, y, quiet);
  }
});

test('stopTraining ends after the step', async () => {
  const trained = model();
  let steps = 0;
  const history = await trained.fit(x, y, {
    ...quiet,
    batchSize: 1,
    epochs: 5,
    callbacks: {
      onTrainBatchEnd() {
        steps++;
        if (steps === 3) this.model.stopTraining = true;
      },
    },
  });
  expect(steps).toBe(3);
  expect(history.epoch).toEqual([0]);
});

test('stopTraining from outside ends a fit without hooks', async () => {
  const trained = model();
  setTimeout(() => {
    trained.stopTraining = true;
  }, 40);
  const history = await trained.fit(x, y, { ...quiet, batchSize: 1, epochs: 1e7 });
  expect(history.epoch.length).toBeGreaterThan(0);
  expect(Number.isFinite(history.history.loss[0])).toBe(true);
});

test('a misspelt hook names the right one', async () => {
  const wrong = { onEpochFinish: () => {}, onEpochEndd: () => {} };
  await expect(model().fit(x, y, { ...quiet, callbacks: wrong as never })).rejects.toThrow(
    "Did you mean 'onEpochEnd'?",
  );
  expect(() => new callbacks.LambdaCallback({ on_epoch_end: () => {} } as never)).toThrow("'onEpochEnd'");
});

/** Trains towards worse: the learning rate is negative from the third epoch on. */
async function worsening(stopping: callbacks.EarlyStopping, extra: object = {}) {
  const trained = model();
  const weights: string[] = [];
  const watch = {
    async onEpochEnd(epoch: number) {
      weights.push(await fingerprint(trained.getWeights()));
      if (epoch === 2) trained.optimizer.learningRate = -0.05;
    },
  };
  const run = trained.fit(x, y, { ...quiet, epochs: 8, callbacks: [watch, stopping], ...extra });
  const history = await run.catch(() => trained.history!);
  return { weights, epochs: history.epoch.length, final: await fingerprint(trained.getWeights()) };
}

test('EarlyStopping stops, and restores the best weights', async () => {
  const { weights, epochs, final } = await worsening(
    new callbacks.EarlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true }),
  );
  expect(epochs).toBe(6);
  // The loss of an epoch is measured before its updates: the fourth is the best one's.
  expect(final).toBe(weights[3]);
});

test('EarlyStopping restores the best weights also where epochs ran out, or fit was aborted', async () => {
  const stopping = () => new callbacks.EarlyStopping({ monitor: 'loss', patience: 50, restoreBestWeights: true });
  const whole = await worsening(stopping());
  expect(whole.epochs).toBe(8);
  expect(whole.final).toBe(whole.weights[3]);
  const control = new AbortController();
  const abort = {
    onEpochEnd(epoch: number) {
      if (epoch === 5) control.abort();
    },
  };
  const trained = model();
  const seen: Tensor[][] = [];
  const watch = {
    onEpochEnd(epoch: number) {
      seen.push(trained.getWeights());
      if (epoch === 2) trained.optimizer.learningRate = -0.05;
    },
  };
  const run = trained.fit(x, y, { ...quiet, epochs: 9, signal: control.signal, callbacks: [watch, stopping(), abort] });
  await expect(run).rejects.toThrow('aborted');
  expect(await fingerprint(trained.getWeights())).toBe(await fingerprint(seen[3]!));
});

test('a log whose better side nobody knows needs a mode', () => {
  expect(() => new callbacks.EarlyStopping({ monitor: 'valThing' })).toThrow("mode 'min' or 'max'");
});
