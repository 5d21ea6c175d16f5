import { createHash } from 'node:crypto';
import { type DeviceName, ops, type Sequential, setDevice } from 'fovea';
import { afterEach, describe, expect } from 'vitest';
import { native } from '../../ts/native.ts';
import { gpuTest } from './adapter.ts';
import { type Name, network, pictures } from './networks.ts';

afterEach(() => setDevice('cpu'));

const steps = 50;
const batchSize = 8;

/** Trains so many steps and gives the loss of each. */
async function losses(model: Sequential, name: Name): Promise<number[]> {
  const seen: number[] = [];
  const { x, y } = pictures(name, steps * batchSize);
  for (let i = 0; i < steps; i++) {
    const rows = [i * batchSize, (i + 1) * batchSize] as const;
    const logs = await model.trainOnBatch(x.slice(...rows), y.slice(...rows));
    seen.push(logs.loss);
    model.resetMetrics();
  }
  return seen;
}

async function run(device: DeviceName, name: Name): Promise<number[]> {
  await setDevice(device);
  return losses(network(name, 1), name);
}

async function fingerprint(model: Sequential): Promise<string> {
  const hash = createHash('sha256');
  for (const weight of [...model.getWeights(), ...model.optimizer.variables]) {
    const { buffer, byteOffset, byteLength } = await weight.data();
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

describe.each(['mnist', 'notebook'] as const)('%s', (name) => {
  // Sums are made in another order, so the last bits differ, and training lets such differences grow.
  gpuTest('50 steps: the losses of the CPU, within 1e-3 of each', { timeout: 120_000 }, async () => {
    const [cpu, gpu] = [await run('cpu', name), await run('gpu', name)];
    expect(cpu.at(-1)).toBeLessThan(0.5 * cpu[0]!);
    for (const [i, loss] of cpu.entries())
      expect(Math.abs(gpu[i]! - loss), `step ${i}: ${gpu[i]}, ${loss}`).toBeLessThan(1e-3 * Math.max(1, loss));
  });

  gpuTest('same seed, same bits; nothing is allocated once it runs', { timeout: 120_000 }, async () => {
    await setDevice('gpu');
    const prints: string[] = [];
    for (let run = 0; run < 2; run++) {
      const model = network(name);
      const { x, y } = pictures(name, 160);
      await model.fit(x, y, { batchSize, epochs: 2, verbose: 0 });
      const held = native().memoryInfo();
      await model.fit(x, y, { batchSize, epochs: 2, verbose: 0 });
      // How many steps wait at once decides how many buffers go round. One a step would be 40.
      expect(native().memoryInfo().deviceBuffersMade - held.deviceBuffersMade).toBeLessThan(20);
      prints.push(await fingerprint(model));
    }
    expect(prints[1]).toBe(prints[0]);
  });

  gpuTest('predict, evaluate and the last, smaller batch agree with the CPU', { timeout: 120_000 }, async () => {
    const model = network(name);
    const { x, y } = pictures(name, 37);
    const cpu = await (await model.predict(x, { batchSize, verbose: 0 })).data();
    const measured = await model.evaluate(x, y, { batchSize, verbose: 0 });
    await setDevice('gpu');
    const gpu = await (await model.predict(x, { batchSize, verbose: 0 })).data();
    for (const [i, value] of cpu.entries()) expect(gpu[i]).toBeCloseTo(value, 4);
    const again = await model.evaluate(x, y, { batchSize, verbose: 0 });
    expect(again.accuracy).toBeCloseTo(measured.accuracy, 6);
    expect(again.loss).toBeCloseTo(measured.loss, 4);
  });
});

gpuTest('a model compiled for a device stays there, and weights go where they are needed', async () => {
  const model = network('mnist');
  const { x, y } = pictures('mnist', 64);
  model.compile({ optimizer: 'sgd', loss: 'mse', device: 'gpu' });
  const dense = network('mnist');
  dense.compile({ optimizer: 'sgd', loss: 'mse' });
  const target = ops.oneHot(y, 10);
  for (const each of [model, dense]) await each.fit(x, target, { batchSize, shuffle: false, verbose: 0 });
  expect(native().memoryInfo().deviceBytes).toBeGreaterThan(0);
  const [gpu, cpu] = await Promise.all([model, dense].map((each) => each.getWeights()[0]!.data()));
  for (const [i, value] of cpu!.entries()) expect(gpu![i]).toBeCloseTo(value, 4);
});
