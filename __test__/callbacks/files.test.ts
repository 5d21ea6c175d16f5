import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callbacks, Input, layers, optimizers, random, Sequential, tensor } from 'fovea';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-callbacks-'));
});

afterEach(() => rm(folder, { recursive: true }));

const x = random.normal([8, 2], { seed: 1 });
const y = x.sum(-1, { keepdims: true });

function linear(learningRate = 0.1): Sequential {
  const model = new Sequential([Input([2]), new layers.Dense(1)]);
  model.compile({ optimizer: new optimizers.SGD(learningRate), loss: 'mse' });
  return model;
}

test('a CSV file goes on where append is true', async () => {
  const filename = join(folder, 'log.csv');
  const run = (append: boolean) =>
    linear().fit(x, y, { verbose: 0, callbacks: new callbacks.CSVLogger(filename, ',', append) });
  const lines = async () => (await readFile(filename, 'utf8')).trim().split('\r\n');
  await run(true);
  await run(true);
  expect((await lines()).map((line) => line.split(',')[0])).toEqual(['epoch', '0', '0']);
  await run(false);
  expect(await lines()).toHaveLength(2);
});

test('a file that cannot be written is an error with a code', async () => {
  const logger = new callbacks.CSVLogger(join(folder, 'none', 'log.csv'));
  await expect(linear().fit(x, y, { verbose: 0, callbacks: logger })).rejects.toMatchObject({ code: 'IO' });
  expect(() => new callbacks.CSVLogger('' as never)).toThrow('filename must be the path');
  expect(() => new callbacks.CSVLogger('a', '::')).toThrow('separator must be one letter');
});

/** The records of an event file. */
async function scalars(path: string): Promise<{ tag: string; value: number; step: number }[]> {
  const [name] = await readdir(path);
  const file = await readFile(join(path, name!));
  const found: { tag: string; value: number; step: number }[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const event = file.subarray(at + 12, at + 12 + length);
    at += length + 16;
    if (event[9] !== 16) continue;
    // Time, step, then a summary of one value, whose tag begins at 15.
    const tag = 15;
    const size = event[tag + 1]!;
    const text = event.subarray(tag + 2, tag + 2 + size).toString();
    found.push({ tag: text, value: event.readFloatLE(tag + 3 + size), step: event[10]! });
  }
  return found;
}

test('TensorBoard finds scalars of training and of validation', async () => {
  const board = new callbacks.TensorBoard(folder, { updateFreq: 2 });
  const { history } = await linear().fit(x, y, {
    epochs: 2,
    batchSize: 2,
    validationData: [x, y],
    verbose: 0,
    callbacks: board,
  });
  const train = await scalars(join(folder, 'train'));
  expect(train.filter(({ tag }) => tag === 'epoch_loss').map(({ value }) => value)).toEqual(history.loss);
  expect(train.filter(({ tag }) => tag === 'epoch_learningRate').map(({ step }) => step)).toEqual([0, 1]);
  expect(train.filter(({ tag }) => tag === 'batch_loss').map(({ step }) => step)).toEqual([2, 4, 6, 8]);
  const validation = await scalars(join(folder, 'validation'));
  expect(validation.filter(({ tag }) => tag === 'epoch_loss').map(({ value }) => value)).toEqual(history.valLoss);
  expect(validation.filter(({ tag }) => tag === 'evaluation_loss_vs_iterations').map(({ step }) => step)).toEqual([
    4, 8,
  ]);
});

test('a schedule that gives no number ends fit', async () => {
  const wrong = new callbacks.LearningRateScheduler((() => 'much') as never);
  await expect(linear().fit(x, y, { verbose: 0, callbacks: wrong })).rejects.toThrow('must give a finite number');
  expect(() => new callbacks.LearningRateScheduler(3 as never)).toThrow('schedule must be a function');
  expect(() => new callbacks.ReduceLROnPlateau({ factor: 1 })).toThrow('factor must be less than 1');
  expect(() => new callbacks.ReduceLROnPlateau({ monitor: 'things' })).toThrow("give mode 'min' or 'max'");
});

const body = async (request: IncomingMessage) => {
  let text = '';
  for await (const part of request) text += part;
  return text;
};

test('RemoteMonitor posts what each epoch logged', async () => {
  const requests: { url: string; type: string; text: string; key: string }[] = [];
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request;
    requests.push({
      url,
      type: String(headers['content-type']),
      key: String(headers['x-key']),
      text: await body(request),
    });
    response.end('ok');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const form = new callbacks.RemoteMonitor(root, '/here', 'logs');
    const json = new callbacks.RemoteMonitor({ root, sendAsJson: true, headers: { 'x-key': 'k' } });
    const { history } = await linear().fit(x, y, { verbose: 0, callbacks: [form, json] });
    const wanted = { epoch: 0, loss: history.loss[0] };
    expect(requests[0]!.url).toBe('/here');
    expect(JSON.parse(new URLSearchParams(requests[0]!.text).get('logs')!)).toEqual(wanted);
    expect(requests[1]).toMatchObject({ url: '/publish/epoch/end/', type: 'application/json', key: 'k' });
    expect(JSON.parse(requests[1]!.text)).toEqual(wanted);
  } finally {
    await new Promise((done) => server.close(done));
  }
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await linear().fit(x, y, { verbose: 0, callbacks: new callbacks.RemoteMonitor(root) });
  expect(warn.mock.calls[0]![0]).toContain('could not reach');
  warn.mockRestore();
});

test('TerminateOnNaN ends training quietly; the weights are those before the step', async () => {
  const say = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const wild = () => linear(1e30);
  const model = wild();
  const { epoch, history } = await model.fit(x.mul(1e4), y, {
    epochs: 3,
    batchSize: 2,
    verbose: 0,
    callbacks: new callbacks.TerminateOnNaN(),
  });
  expect(epoch).toEqual([0]);
  expect(history.loss).toEqual([Number.NaN]);
  expect(String(say.mock.calls[0]![0])).toMatch(/^Batch \d: Invalid loss, terminating training$/);
  expect([...(await model.getWeights()[0]!.data())].every(Number.isFinite)).toBe(true);
  say.mockRestore();
  const loud = new callbacks.TerminateOnNaN({ raiseError: true });
  await expect(
    wild().fit(x.mul(1e4), y, { epochs: 3, batchSize: 2, verbose: 0, callbacks: loud }),
  ).rejects.toMatchObject({
    code: 'NOT_FINITE',
  });
});

test('SwapEMAWeights evaluates and predicts with the averages, and gives the weights back', async () => {
  const model = new Sequential([Input([1]), new layers.Dense(1, { useBias: false, kernelInitializer: 'ones' })]);
  const optimizer = new optimizers.SGD({ learningRate: 0.5, useEma: true, emaMomentum: 0.5 });
  model.compile({ optimizer, loss: 'mse' });
  const one = tensor([[1]]);
  await model.trainOnBatch(one, tensor([[0]]));
  await model.trainOnBatch(one, tensor([[1]]));
  const [weight] = await model.getWeights()[0]!.data();
  const swap = new callbacks.SwapEMAWeights();
  const average = await (await model.predict(one, { verbose: 0, callbacks: swap })).item();
  expect(average).not.toBe(weight);
  expect((await model.getWeights()[0]!.data())[0]).toBe(weight);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  await expect(model.evaluate(one, one, { verbose: 0, callbacks: swap })).rejects.toThrow('useEma');
});
