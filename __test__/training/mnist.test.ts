import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { datasets, Input, layers, losses, Model, setSeed } from 'fovea';
import { beforeAll, expect, test } from 'vitest';
import { native } from '../../ts/native.ts';

let data: Awaited<ReturnType<typeof datasets.mnist.load>>;

beforeAll(async () => {
  data = await datasets.mnist.load();
});

function network(): Model {
  const image = Input([28, 28, 1]);
  let x = new layers.Rescaling(1 / 255)(image);
  x = new layers.Conv2D(16, 5, { activation: 'relu' })(x);
  x = new layers.MaxPooling2D(2)(x);
  x = new layers.Conv2D(32, 3, { activation: 'relu' })(x);
  x = new layers.MaxPooling2D(2)(x);
  x = new layers.Flatten()(x);
  x = new layers.Dense(128, { activation: 'relu' })(x);
  x = new layers.Dropout(0.3)(x);
  const model = new Model(image, new layers.Dense(10)(x));
  const loss = new losses.SparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] });
  return model;
}

test('6,000 digits in four epochs: at least 95 % of 2,000 others, and the event loop stays free', async () => {
  setSeed(1);
  const model = network();
  const [x, y] = [data.train.x.slice(0, 6000), data.train.y.slice(0, 6000)];
  const delay = monitorEventLoopDelay({ resolution: 5 });
  await model.fit(x, y, { epochs: 2, batchSize: 32, verbose: 0 });
  delay.enable();
  await model.fit(x, y, { epochs: 2, batchSize: 32, verbose: 0 });
  delay.disable();
  const { accuracy } = await model.evaluate(data.test.x.slice(0, 2000), data.test.y.slice(0, 2000), { verbose: 0 });
  expect(accuracy).toBeGreaterThan(0.95);
  expect(delay.percentile(99) / 1e6).toBeLessThan(20);
  expect(delay.max / 1e6).toBeLessThan(50);
});

test('the first step is done within a second of fit', async () => {
  const model = network();
  const begun = performance.now();
  let first = 0;
  const callbacks = {
    onTrainBatchEnd() {
      first ||= performance.now();
      model.stopTraining = true;
    },
  };
  await model.fit(data.train, { batchSize: 64, verbose: 0, callbacks });
  expect(first - begun).toBeLessThan(1000);
});

test('memory stays flat over epochs and models', async () => {
  const [x, y] = [data.train.x.slice(0, 256), data.train.y.slice(0, 256)];
  const once = async () => {
    const model = network();
    await model.fit(x, y, { epochs: 2, batchSize: 64, verbose: 0 });
    await model.evaluate(x, y, { verbose: 0 });
    await model.predict(x, { verbose: 0 });
  };
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const settled = async () => {
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return native().memoryInfo();
  };
  await once();
  const keep = network();
  await keep.fit(x, y, { epochs: 2, batchSize: 64, verbose: 0 });
  const before = await settled();
  await keep.fit(x, y, { epochs: 60, batchSize: 64, verbose: 0 });
  const after = await settled();
  expect(after.buffers).toBeLessThanOrEqual(before.buffers + 8);
  expect(after.arenaBytes).toBe(before.arenaBytes);
  for (let i = 0; i < 12; i++) await once();
  const many = await settled();
  // A model with its optimizer's state takes 1.4 MB; twelve that stayed would take 17.
  expect(many.bufferBytes - after.bufferBytes).toBeLessThan(10e6);
});
