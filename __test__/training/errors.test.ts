import { FoveaError, Input, layers, losses, random, Sequential, tensor } from 'fovea';
import { expect, test } from 'vitest';
import { fingerprint } from './networks.ts';

const quiet = { verbose: 0 } as const;
const images = random.uniform([20, 8, 8, 1], { seed: 1 });
const labels = tensor(Int32Array.from({ length: 20 }, (_, i) => i % 10));

function digits(compile = true): Sequential {
  const model = new Sequential([
    Input([8, 8, 1]),
    new layers.Conv2D(4, 3, { activation: 'relu', name: 'edges' }),
    new layers.Flatten(),
    new layers.Dense(10, { name: 'digit' }),
  ]);
  const loss = new losses.SparseCategoricalCrossentropy({ fromLogits: true });
  if (compile) model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] });
  return model;
}

async function failure(run: Promise<unknown>): Promise<FoveaError> {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(FoveaError);
  return error as FoveaError;
}

test('fit before compile', async () => {
  const { code, message } = await failure(digits(false).fit(images, labels, quiet));
  expect(code).toBe('NOT_COMPILED');
  expect(message).toContain('call model.compile');
});

test('typos in names and options', () => {
  const model = digits(false);
  expect(() => model.compile({ optimizer: 'adm' as never, loss: 'mse' })).toThrow("Did you mean 'adam'?");
  expect(() => model.compile({ loss: 'sparseCategoricalCrosentropy' as never })).toThrow(
    "'sparseCategoricalCrossentropy'?",
  );
  expect(() => model.compile({ loss: 'mse', metrics: ['acuracy' as never] })).toThrow("Did you mean 'accuracy'?");
  expect(() => model.compile({ loss: 'mse', metric: ['accuracy'] } as never)).toThrow("Did you mean 'metrics'?");
});

test('an unknown option of fit', async () => {
  const { message } = await failure(digits().fit(images, labels, { epoch: 2 } as never));
  expect(message).toContain("Did you mean 'epochs'?");
});

test('x and y of different lengths', async () => {
  const { code, message } = await failure(digits().fit(images, labels.slice(0, 19), quiet));
  expect(code).toBe('SHAPE_MISMATCH');
  expect(message).toContain('x has 20 samples, y has 19');
});

test('no data, no labels', async () => {
  expect((await failure(digits().fit(undefined as never))).message).toContain('needs data');
  expect((await failure(digits().fit(images, undefined, quiet))).message).toContain('needs labels');
});

test('the channel axis is missing', async () => {
  const { message } = await failure(digits().fit(images.squeeze(-1), labels, quiet));
  expect(message).toContain('expandDims(-1)');
});

test('one-hot labels for the sparse loss', async () => {
  const oneHot = tensor(new Float32Array(200), { shape: [20, 10] });
  const { code, message } = await failure(digits().fit(images, oneHot, quiet));
  expect(code).toBe('SHAPE_MISMATCH');
  expect(message).toMatch(/^sparseCategoricalCrossentropy: .*CategoricalCrossentropy for one-hot/);
});

test('a label out of range', async () => {
  const { message } = await failure(digits().fit(images, labels.add(1), quiet));
  expect(message).toMatch(/sparseCategoricalCrossentropy: .*10/);
});

test('NaN in the data says where, also if a ReLU would hide it', async () => {
  const pixels = new Float32Array(20 * 64).fill(0.5);
  pixels[7 * 64 + 3] = Number.NaN;
  const model = digits();
  const before = await fingerprint(model.getWeights());
  const { code, message } = await failure(model.fit(tensor(pixels, { shape: [20, 8, 8, 1] }), labels, quiet));
  expect(code).toBe('NOT_FINITE');
  expect(message).toContain('x holds NaN or infinity, first in sample 7');
  expect(await fingerprint(model.getWeights())).toBe(before);
});

test('a loss that is not finite names the layer and keeps the weights', async () => {
  const model = digits();
  const weights = model.getWeights();
  const broken = [...weights];
  broken[2] = weights[2]!.mul(0).add(3e38);
  model.setWeights(broken);
  const before = await fingerprint(model.getWeights());
  const { code, message } = await failure(model.fit(images, labels, quiet));
  expect(code).toBe('NOT_FINITE');
  expect(message).toContain('Dense "digit"');
  expect(await fingerprint(model.getWeights())).toBe(before);
});

test('another fit, compile and setWeights meanwhile are BUSY', async () => {
  const model = digits();
  const codes: string[] = [];
  await model.fit(images, labels, {
    ...quiet,
    callbacks: {
      async onTrainBatchEnd() {
        codes.push((await failure(model.fit(images, labels, quiet))).code);
        codes.push((await failure(model.trainOnBatch(images, labels))).code);
        for (const change of [() => model.compile({ loss: 'mse' }), () => model.setWeights(model.getWeights())]) {
          try {
            change();
          } catch (error) {
            codes.push((error as FoveaError).code);
          }
        }
        expect((await model.predict(images, quiet)).shape).toEqual([20, 10]);
      },
    },
  });
  expect(codes).toEqual(['BUSY', 'BUSY', 'BUSY', 'BUSY']);
  await model.fit(images, labels, quiet);
});

test('abort ends after the current step; the model stays usable', async () => {
  const model = digits();
  const control = new AbortController();
  const callbacks = [{ onEpochEnd: () => void setTimeout(() => control.abort(new Error('enough'))) }];
  const run = model.fit(images, labels, { ...quiet, epochs: 1e6, batchSize: 4, callbacks, signal: control.signal });
  const error = await failure(run);
  expect([error.code, error.name]).toEqual(['ABORTED', 'AbortError']);
  expect((error.cause as Error).message).toBe('enough');
  expect(model.history!.epoch.length).toBeGreaterThan(0);
  await model.fit(images, labels, quiet);
  const early = await failure(model.fit(images, labels, { signal: AbortSignal.abort() }));
  expect(early.code).toBe('ABORTED');
});

test('abort ends a fit that waits for data', async () => {
  const model = digits();
  const control = new AbortController();
  async function* slow() {
    yield { x: images, y: labels };
    await new Promise(() => {});
  }
  const run = failure(model.fit(() => slow(), { ...quiet, signal: control.signal }));
  setTimeout(() => control.abort(), 30);
  expect((await run).code).toBe('ABORTED');
});
