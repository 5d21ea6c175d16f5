import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { arange, tensor, Variable, zeros } from '../../ts/tensor.ts';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

test('data gives the array of the dtype', async () => {
  expect(await x.data()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  expect(await x.cast('int32').data()).toEqual(Int32Array.of(1, 2, 3, 4, 5, 6));
  expect(await x.greater(3).data()).toEqual(Uint8Array.of(0, 0, 0, 1, 1, 1));
  expect(x.add(1).dataSync()).toEqual(Float32Array.of(2, 3, 4, 5, 6, 7));
});

test('what data gives is a copy', async () => {
  const first = await x.data();
  first[0] = 100;
  expect((await x.data())[0]).toBe(1);
  const source = Float32Array.of(1, 2);
  const made = tensor(source);
  source[0] = 100;
  expect(await made.array()).toEqual([1, 2]);
});

test('array nests, and bool gives booleans', async () => {
  expect(await x.array()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(await tensor(7).array()).toBe(7);
  expect(await tensor([[true], [false]]).array()).toEqual([[true], [false]]);
  expect(await zeros([2, 0]).array()).toEqual([[], []]);
});

test('item wants one element', async () => {
  expect(await x.sum().item()).toBe(21);
  await expect(x.item()).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});

test('int64 gives numbers where they are exact, and BigInts on request', async () => {
  const wide = tensor(BigInt64Array.of(-5n, 2n ** 53n - 1n));
  expect(await wide.data()).toEqual(Float64Array.of(-5, 2 ** 53 - 1));
  expect(await wide.data('int64')).toEqual(BigInt64Array.of(-5n, 2n ** 53n - 1n));
  const wider = tensor(BigInt64Array.of(2n ** 53n + 1n));
  await expect(wider.data()).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  expect(await wider.data('int64')).toEqual(BigInt64Array.of(2n ** 53n + 1n));
  // @ts-expect-error: only 'int64'
  await expect(x.data('float64')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  await expect(x.data('int64')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});

test('many reads at once', async () => {
  const y = x.mul(2);
  const all = await Promise.all([y.data(), y.sum().item(), y.array(), Promise.resolve(y.dataSync())]);
  expect(all[1]).toBe(42);
  expect(all[3]).toEqual(all[0]);
});

test('toString tells the type and computes nothing', () => {
  const y = x.add(1);
  expect(`${y}`).toBe('Tensor float32 [2, 3]');
  expect(y.buffer).toBeNull();
});

test('console.log shows the values', () => {
  expect(inspect(x.add(9))).toBe('Tensor float32 [2, 3]\n[[10, 11, 12],\n [13, 14, 15]]');
  expect(inspect(tensor(0.1))).toBe('Tensor float32 []\n0.1');
  expect(inspect(tensor([true, false]))).toBe('Tensor bool [2]\n[ true, false]');
  expect(inspect(new Variable({ initial: tensor([1]), name: 'v' }))).toBe('Variable "v" float32 [1]\n[1]');
  expect(inspect(arange(2000))).toBe('Tensor int32 [2000]\n[   0,    1,    2, …, 1997, 1998, 1999]');
  expect(inspect(zeros([2, 0]))).toBe('Tensor float32 [2, 0]\n[[],\n []]');
});

test('a tensor is no number and no JSON', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what TypeScript would refuse
  const t: any = tensor([1]);
  expect(() => t + 1).toThrow(/t\.add\(u\)/);
  expect(() => t > 0).toThrow(/no JavaScript number/);
  expect(() => Number(t)).toThrow(/no JavaScript number/);
  // biome-ignore lint/suspicious/noDoubleEquals: the one that converts
  expect(() => t == 1).toThrow(/t\.equals\(u\)/);
  expect(() => JSON.stringify({ t })).toThrow(/array\(\)/);
});

test('sides', () => {
  expect([x.shape, x.rank, x.size, x.dim(0), x.dim(-1), x.dtype]).toEqual([[2, 3], 2, 6, 2, 3, 'float32']);
  expect(() => x.dim(2)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
});

test('dispose gives the memory back, and expressions made before still work', async () => {
  const source = tensor([1, 2]);
  const sum = source.add(1);
  source.dispose();
  source.dispose();
  expect(await sum.array()).toEqual([2, 3]);
  await expect(source.data()).rejects.toMatchObject({ code: 'DISPOSED' });
  expect(() => source.add(1)).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  expect(inspect(source)).toBe('Tensor float32 [2] (disposed)');
});
