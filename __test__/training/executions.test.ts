import { type callbacks, Input, layers, optimizers, random, Sequential, setSeed, type Tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { camel, cases, difference, options, type Recorded, restore } from '../layers/recordings.ts';
import { fingerprint } from './networks.ts';

interface Call {
  hook: string;
  index: number;
  logs: Record<string, number>;
}

interface Case {
  name: string;
  method: 'fit' | 'evaluate' | 'predict';
  stepsPerExecution: number;
  eager: boolean;
  options: Record<string, unknown>;
  x: Recorded;
  y: Recorded;
  calls: Call[];
  iterations: number;
  history: Record<string, number[]>;
  output: Recorded | null;
  weights: Recorded[];
}

const batchHooks = ['Train', 'Test', 'Predict'].flatMap((kind) => [`on${kind}BatchBegin`, `on${kind}BatchEnd`]);

/** Keeps each call of a hook of batches. */
function watching(seen: Call[]): callbacks.CallbackLike {
  const noting = (hook: string) => (index: number, logs: callbacks.Logs) => {
    seen.push({ hook, index, logs: { ...logs } as Record<string, number> });
  };
  return Object.fromEntries(batchHooks.map((hook) => [hook, noting(hook)]));
}

test.each(cases<Case>('executions'))('$name: the hooks and numbers are Keras’s', async (recorded) => {
  const { method, stepsPerExecution, eager, weights } = recorded;
  const model = new Sequential([Input([2]), new layers.Dense(1)]);
  model.setWeights([[[0.5], [-0.25]], [0]]);
  const optimizer = new optimizers.SGD(0.05);
  model.compile({ optimizer, loss: 'mse', metrics: ['mae'], stepsPerExecution, runEagerly: eager });
  const seen: Call[] = [];
  const given = { verbose: 0, callbacks: watching(seen), ...options(recorded.options) } as const;
  const [x, y] = [restore(recorded.x), restore(recorded.y)];
  if (method === 'fit') {
    const { history } = await model.fit(x, y, { shuffle: false, ...given });
    for (const [key, column] of Object.entries(recorded.history))
      for (const [i, value] of column.entries()) expect(history[camel(key)]![i]).toBeCloseTo(value, 4);
  } else if (method === 'evaluate') await model.evaluate(x, y, given);
  else expect(await difference((await model.predict(x, given)) as Tensor, recorded.output!)).toBeLessThan(1e-5);
  expect(seen.map(({ hook, index }) => [hook, index])).toEqual(
    recorded.calls.map(({ hook, index }) => [camel(hook), index]),
  );
  for (const [i, { logs }] of recorded.calls.entries()) {
    expect(Object.keys(seen[i]!.logs)).toEqual(Object.keys(logs));
    for (const [key, value] of Object.entries(logs)) expect(seen[i]!.logs[key]).toBeCloseTo(value, 4);
  }
  expect(await optimizer.iterations.item()).toBe(recorded.iterations);
  for (const [i, weight] of model.getWeights().entries())
    expect(await difference(weight, weights[i]!)).toBeLessThan(1e-5);
});

const x = random.normal([40, 4], { seed: 1 });
const y = random.normal([40, 2], { seed: 2 });

function small(stepsPerExecution: number, runEagerly = false): Sequential {
  setSeed(7);
  const model = new Sequential([Input([4]), new layers.Dense(8), new layers.Dropout(0.3), new layers.Dense(2)]);
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], stepsPerExecution, runEagerly });
  return model;
}

/** Ten steps an epoch. */
const ten = { batchSize: 4, verbose: 0 } as const;

function* batches() {
  for (let i = 0; i < 40; i += 4) yield { x: x.slice(i, i + 4), y: y.slice(i, i + 4) };
}

describe.each([false, true])('eagerly: %s', (eager) => {
  test('the same bits with executions of any size', async () => {
    const run = async (size: number) => {
      const model = small(size, eager);
      const seen: Call[] = [];
      const watch = watching(seen);
      const { history } = await model.fit(x, y, { ...ten, epochs: 2, validationSplit: 0.1, callbacks: watch });
      return [history, await fingerprint(model.getWeights())];
    };
    const one = await run(1);
    expect(await run(4)).toEqual(one);
    expect(await run(100)).toEqual(one);
  });

  test('stepsPerEpoch counts steps, also where it is no multiple', async () => {
    const seen: Call[] = [];
    const model = small(2, eager);
    await model.fit(x, y, { ...ten, stepsPerEpoch: 3, epochs: 2, callbacks: watching(seen) });
    expect(seen.map(({ index }) => index)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(await model.optimizer.iterations.item()).toBe(6);
  });

  test('batches that come without a number end in a shorter execution', async () => {
    const seen: Call[] = [];
    const model = small(4, eager);
    await model.fit(() => batches(), { verbose: 0, callbacks: watching(seen) });
    expect(seen.map(({ index }) => index)).toEqual([0, 3, 4, 7, 8, 11]);
    expect(await model.optimizer.iterations.item()).toBe(10);
  });

  test('stopTraining ends it after the execution', async () => {
    const steps = async (stop: callbacks.CallbackLike) => {
      const model = small(4, eager);
      const { epoch } = await model.fit(x, y, { ...ten, epochs: 3, callbacks: stop });
      expect(epoch).toEqual([0]);
      return model.optimizer.iterations.item();
    };
    const atOnce = {
      onTrainBatchEnd() {
        this.model.stopTraining = true;
      },
    } satisfies callbacks.CallbackLike & ThisType<{ model: Sequential }>;
    expect(await steps(atOnce)).toBe(4);
    const inTheLast = {
      onTrainBatchEnd(index: number) {
        this.model.stopTraining = index === 11;
      },
    } satisfies callbacks.CallbackLike & ThisType<{ model: Sequential }>;
    expect(await steps(inTheLast)).toBe(10);
  });

  test('an AbortSignal ends it in the middle of an execution', async () => {
    const control = new AbortController();
    const model = small(8, eager);
    const seen: Call[] = [];
    function* aborting() {
      let step = 0;
      for (const batch of batches()) {
        if (step++ === 5) control.abort();
        yield batch;
      }
    }
    const running = model.fit(() => aborting(), { verbose: 0, signal: control.signal, callbacks: watching(seen) });
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    expect(seen.map(({ hook, index }) => [hook, index])).toEqual([['onTrainBatchBegin', 0]]);
    expect(await model.optimizer.iterations.item()).toBeLessThanOrEqual(5);
  });

  test('an abort or an error in the hook of the last, shorter execution is heard', async () => {
    const control = new AbortController();
    const abort = { onTrainBatchEnd: (index: number) => (index === 11 ? control.abort() : undefined) };
    await expect(small(4, eager).fit(x, y, { ...ten, signal: control.signal, callbacks: abort })).rejects.toMatchObject(
      { code: 'ABORTED' },
    );
    const fail = (index: number) => {
      if (index === 11) throw new RangeError('enough');
    };
    await expect(small(4, eager).fit(x, y, { ...ten, callbacks: { onTrainBatchEnd: fail } })).rejects.toThrow(
      new RangeError('enough'),
    );
  });
});

test('stopTraining from outside ends it without hooks too', async () => {
  const model = small(1000);
  const running = model.fit(x, y, { batchSize: 1, epochs: 100_000, verbose: 0 });
  await new Promise((done) => setTimeout(done, 50));
  model.stopTraining = true;
  expect((await running).epoch.length).toBeLessThan(100_000);
});

test.each([0, -1, 1.5, 'x', 'auto', null, true, Number.NaN])('stepsPerExecution %o is an error', (size) => {
  expect(() => small(size as number)).toThrow(
    expect.objectContaining({
      code: 'BAD_ARGUMENT',
      message: expect.stringContaining('compile: stepsPerExecution must be a whole number of at least 1'),
    }),
  );
});
