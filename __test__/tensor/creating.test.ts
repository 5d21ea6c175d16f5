import { expect, test } from 'vitest';
import { arange, eye, full, linspace, ones, tensor, zeros } from '../../ts/tensor.ts';

const bad = expect.objectContaining({ code: 'BAD_ARGUMENT' });

test('shapes and dtypes follow from what is given', () => {
  expect(`${tensor([[1, 2]])}`).toBe('Tensor float32 [1, 2]');
  expect(`${tensor([true])}`).toBe('Tensor bool [1]');
  expect(`${tensor(3)}`).toBe('Tensor float32 []');
  expect(`${tensor([])}`).toBe('Tensor float32 [0]');
  expect(`${tensor(new Uint8Array(4), { shape: [2, 2] })}`).toBe('Tensor uint8 [2, 2]');
  expect(`${tensor(new Float64Array(1))}`).toBe('Tensor float32 [1]');
  expect(`${tensor([1, 2], { dtype: 'int32' })}`).toBe('Tensor int32 [2]');
});

test('numbers become those of the dtype', async () => {
  expect(await tensor(Float64Array.of(0.1)).data()).toEqual(Float32Array.of(0.1));
  expect(await tensor([0, 2, -3], { dtype: 'bool' }).array()).toEqual([false, true, true]);
  expect(await tensor([1, -1], { dtype: 'int64' }).data('int64')).toEqual(BigInt64Array.of(1n, -1n));
  expect(await tensor(Uint8Array.of(200), { dtype: 'float32' }).array()).toEqual([200]);
  const part = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  expect(await tensor(part).array()).toEqual([1, 2]);
});

test.each([
  ['ragged', () => tensor([[1, 2], [3]])],
  ['mixed depth', () => tensor([1, [2]])],
  ['strings', () => tensor(['1'] as never)],
  ['undefined', () => tensor(undefined as never)],
  ['a shape that does not fit', () => tensor([1, 2, 3], { shape: [2, 2] })],
  ['a negative side', () => tensor([1], { shape: [-1] })],
  ['an unknown side', () => tensor([1], { shape: [null] })],
  ['an unknown dtype', () => tensor([1], { dtype: 'float' as never })],
  ['an unknown option', () => tensor([1], { type: 'int32' } as never)],
  ['300 as uint8', () => tensor([300], { dtype: 'uint8' })],
  ['half as int32', () => tensor([0.5], { dtype: 'int32' })],
  ['NaN as int32', () => tensor([Number.NaN], { dtype: 'int32' })],
  ['half as int64', () => tensor([0.5], { dtype: 'int64' })],
  ['a DataView', () => tensor(new DataView(new ArrayBuffer(4)) as never)],
  ['a string to fill with', () => full([1], '1' as never)],
  ['no shape', () => zeros(3 as never)],
  ['a step of 0', () => arange(0, 1, 0)],
  ['an endless range', () => arange(Number.POSITIVE_INFINITY)],
  ['NaN points', () => linspace(0, 1, Number.NaN)],
  ['minus one row', () => eye(-1)],
])('%s is refused', (_, make) => {
  expect(make).toThrow(bad);
});

test('a snake_case option names the right one', () => {
  expect(() => tensor([1], { d_type: 'int32' } as never)).toThrow("unknown option 'd_type'. Did you mean 'dtype'?");
});

test('a detached array is refused', () => {
  const array = new Float32Array(2);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  expect(() => tensor(array, { shape: [2] })).toThrow(bad);
});

test('filled tensors', async () => {
  expect(await zeros([2]).array()).toEqual([0, 0]);
  expect(await ones([1, 2], { dtype: 'int32' }).data()).toEqual(Int32Array.of(1, 1));
  expect(await full([], 2.5).array()).toBe(2.5);
  expect(await eye(2, 3, { k: 1 }).array()).toEqual([
    [0, 1, 0],
    [0, 0, 1],
  ]);
});

test('ranges', async () => {
  expect(await arange(4).data()).toEqual(Int32Array.of(0, 1, 2, 3));
  expect(await arange(1, 2, 0.25).array()).toEqual([1, 1.25, 1.5, 1.75]);
  expect(await arange(3, 0, -2).array()).toEqual([3, 1]);
  expect(await linspace(0, 1, 5).array()).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(await linspace(0, 1, 4, { endpoint: false }).array()).toEqual([0, 0.25, 0.5, 0.75]);
});
