import { expect, test } from 'vitest';
import { native } from '../../ts/native.ts';
import { tensor, zeros } from '../../ts/tensor.ts';
import { child } from './child.ts';

test('a tensor of 2³⁹ bytes is an error', async () => {
  const shape = [2 ** 20, 2 ** 17];
  const refused = { name: 'FoveaError', code: 'OUT_OF_MEMORY' };
  await expect(zeros(shape).data()).rejects.toMatchObject(refused);
  expect(() => zeros(shape).dataSync()).toThrow(expect.objectContaining(refused));
  // Each side fits, an array of both does not.
  const wide = zeros([1, 2 ** 31 - 1]);
  expect(() => zeros([2 ** 31 - 1, 1]).matmul(wide)).toThrow(expect.objectContaining(refused));
  expect(await tensor([1]).add(1).array()).toEqual([2]);
});

test('native calls that ask for too much are errors', () => {
  const type = native().internType('float32', [2 ** 37]);
  expect(() => native().NativeBuffer.from(type, new Uint8Array(4))).toThrow(/^(OUT_OF_MEMORY|SHAPE_MISMATCH): /);
  expect(() => native().internType('float32', [2 ** 50, 2 ** 50])).toThrow(/^OUT_OF_MEMORY: /);
});

test.runIf(process.platform === 'linux')('where memory is short, so is a tensor that would fit elsewhere', async () => {
  const end = await child('short-of-memory.ts', [], { kib: 40 << 20 });
  expect(end, end.output).toMatchObject({ code: 0, signal: null, late: false });
  expect(end.output).toBe('OUT_OF_MEMORY OUT_OF_MEMORY 2\n');
});

test.runIf(process.platform === 'linux')(
  'the first step that writes variables takes no second buffers for them',
  async () => {
    const end = await child('first-write.ts');
    expect(end, end.output).toMatchObject({ code: 0, late: false });
    const { mean, grown } = JSON.parse(end.output) as { mean: number[]; grown: number };
    expect(mean).toEqual([3]);
    // Each variable takes 128 MB.
    expect(grown).toBeLessThan(64);
  },
);
