import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { devices, type FoveaError, ops, setDevice, tensor } from 'fovea';
import { afterEach, describe, expect, test } from 'vitest';
import { type Addon, native } from '../../ts/native.ts';
import { root } from '../house/sources.ts';
import { gpuTest } from './adapter.ts';
import { network, pictures } from './networks.ts';

const addon = native() as Addon & { injectPanic(place?: string): void };

afterEach(async () => {
  addon.injectPanic();
  await setDevice('cpu');
});

async function failure(work: () => unknown): Promise<FoveaError> {
  try {
    await work();
  } catch (error) {
    return error as FoveaError;
  }
  throw new Error('nothing was thrown');
}

/** Runs a program of this folder in a process of its own. */
async function child(name: string, env: Record<string, string> = {}) {
  const program = join(root, '__test__/gpu/children', `${name}.ts`);
  const args = ['--import', import.meta.resolve('tsx'), program];
  const options = { env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), ...env }, timeout: 60_000 };
  return promisify(execFile)(process.execPath, args, options);
}

test('the CPU comes first', async () => {
  const [cpu, ...gpus] = await devices();
  expect(cpu).toMatchObject({ name: 'cpu', kind: 'cpu', backend: null });
  expect(gpus.map(({ name }) => name)).toEqual(gpus.map((_, i) => (i === 0 ? 'gpu' : `gpu:${i}`)));
});

test('a device that there is not is an error that says what there is', async () => {
  const { code, message } = await failure(() => setDevice('gpu:99'));
  expect(code).toBe('NO_DEVICE');
  expect(message).toMatch(/no GPU 99: (found 0: .+|no driver for Vulkan, Metal or Direct3D 12 was found)/);
  expect(await tensor([1]).add(1).array()).toEqual([2]);
});

test.each(['tpu', 'gpu:', 'gpu:-1', 'GPU', 7])('%s is no device', async (name) => {
  const { code, message } = await failure(() => setDevice(name as 'gpu'));
  expect(code).toBe('BAD_ARGUMENT');
  expect(message).toMatch(/'cpu', 'gpu' or 'gpu:1'; received /);
  const model = network('mnist');
  const compiled = await failure(() => model.compile({ loss: 'mse', device: name as 'gpu' }));
  expect(compiled.code).toBe('BAD_ARGUMENT');
});

test('without a driver there is the CPU, and asking for a GPU rejects at once', async () => {
  const { stdout } = await child('no-driver', { VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' });
  expect(JSON.parse(stdout)).toEqual({ names: ['cpu'], code: 'NO_DEVICE', sum: 3 });
});

describe('on a GPU', () => {
  gpuTest('eager tensors: chains, products, reductions, dtypes, random bits', async () => {
    const sums = async () => {
      const x = tensor([
        [1, 2.5, -3],
        [4, -5, 6],
      ]);
      const bytes = tensor([250, 3, 7], { dtype: 'uint8' });
      return Promise.all([
        x.mul(2).add(1).relu().array(),
        x.matmul(x.transpose()).array(),
        x.sum(1).array(),
        x.argmax(-1).array(),
        bytes.add(tensor([10, 1, 1], { dtype: 'uint8' })).array(),
        x.greater(0).array(),
        tensor([1, 2], { dtype: 'int64' })
          .add(tensor([2 ** 33, -5], { dtype: 'int64' }))
          .array(),
      ]);
    };
    const cpu = await sums();
    await setDevice('gpu');
    expect(await sums()).toEqual(cpu);
  });

  gpuTest('an op without a kernel there is UNSUPPORTED, and says its name and what to do', async () => {
    await setDevice('gpu');
    const { code, message } = await failure(() => ops.sort(tensor([3, 1, 2])).data());
    expect(code).toBe('UNSUPPORTED');
    expect(message).toMatch(/no kernel for the GPU yet. Use setDevice\('cpu'\)/);
  });

  gpuTest('a loss that is not finite names the layer, and the weights stay as they were', async () => {
    await setDevice('gpu');
    const model = network('mnist');
    const { x, y } = pictures('mnist', 64);
    await model.fit(x, y, { batchSize: 16, verbose: 0 });
    const weights = model.getWeights();
    const spoilt = weights.map((w, i) => (i === 2 ? w.mul(Number.POSITIVE_INFINITY) : w));
    model.setWeights(spoilt);
    const { code, message } = await failure(() => model.fit(x, y, { batchSize: 16, verbose: 0 }));
    expect(code).toBe('NOT_FINITE');
    expect(message).toContain('conv2d_1');
    model.setWeights(weights);
    await model.fit(x, y, { batchSize: 16, verbose: 0 });
  });

  gpuTest('a lost GPU is an error, and training goes on where a copy of the weights is', async () => {
    await setDevice('gpu');
    const model = network('notebook');
    const { x, y } = pictures('notebook', 64);
    await model.fit(x, y, { batchSize: 16, verbose: 0 });
    const kept = model.getWeights();
    const values = await Promise.all(kept.map((w) => w.data()));
    addon.injectPanic('gpu lost');
    const { code, message } = await failure(() => model.fit(x, y, { batchSize: 16, verbose: 0 }));
    expect(code).toBe('NO_DEVICE');
    expect(message).toMatch(/was lost/);
    await setDevice('cpu');
    const again = network('notebook');
    again.setWeights(kept);
    expect(await again.getWeights()[0]!.data()).toEqual(values[0]);
    await again.fit(x, y, { batchSize: 16, verbose: 0 });
    // What only the GPU had is gone, and reading it says so.
    await setDevice('gpu');
    await again.fit(x, y, { batchSize: 16, verbose: 0 });
    addon.injectPanic('gpu lost');
    expect((await failure(() => again.fit(x, y, { batchSize: 16, verbose: 0 }))).code).toBe('NO_DEVICE');
    expect((await failure(() => again.getWeights()[0]!.data())).code).toBe('NO_DEVICE');
    // It is opened anew when somebody asks for it again.
    await setDevice('gpu');
    expect(await tensor([1, 2]).add(1).array()).toEqual([2, 3]);
  });

  gpuTest('a panic on the way there is an error, and the next run is right', async () => {
    await setDevice('gpu');
    const x = tensor([1, 2]);
    addon.injectPanic('gpu');
    expect((await failure(() => x.add(1).data())).code).toBe('INTERNAL');
    expect(await x.add(1).array()).toEqual([2, 3]);
  });

  gpuTest('a process that ends in the midst of training ends cleanly', async () => {
    const { stdout } = await child('ending');
    expect(stdout).toBe('training\n');
  });

  gpuTest('FOVEA_DEVICE chooses from outside', async () => {
    const { stdout } = await child('chosen', { FOVEA_DEVICE: 'gpu' });
    expect(JSON.parse(stdout)).toEqual({ sum: 6, onDevice: true });
  });
});
