import { expect, test } from 'vitest';
import * as ops from '../../ts/ops/index.ts';
import { tensor } from '../../ts/tensor.ts';

const m = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

test('a number beside an integer stays whole, beside pixels it is a float', async () => {
  const pixels = tensor(Uint8Array.of(250, 10));
  const sum = pixels.add(10);
  expect([sum.dtype, await sum.array()]).toEqual(['float32', [260, 20]]);
  const counts = tensor(Int32Array.of(2 ** 24 + 1));
  const next = counts.add(1);
  expect([next.dtype, await next.array()]).toEqual(['int32', [2 ** 24 + 2]]);
  expect(counts.add(0.5).dtype).toBe('float32');
  expect(counts.add(2 ** 40).dtype).toBe('int64');
  expect(tensor(Uint32Array.of(1)).sub(-1).dtype).toBe('int64');
  expect(counts.div(2).dtype).toBe('float32');
});

test('methods, functions and longer names are one op', async () => {
  expect(await m.sub(1).array()).toEqual(await ops.subtract(m, 1).array());
  expect(ops.subtract).toBe(ops.sub);
  expect(await m.subtract([1, 2, 3]).array()).toEqual([
    [0, 0, 0],
    [3, 3, 3],
  ]);
});

test('where, clip and cast', async () => {
  expect(await ops.where(m.greater(3), m, 0).array()).toEqual([
    [0, 0, 0],
    [4, 5, 6],
  ]);
  expect(await m.clip(2, 5).array()).toEqual([
    [2, 2, 3],
    [4, 5, 5],
  ]);
  expect(await tensor([-1.7, 1.7]).cast('int32').array()).toEqual([-1, 1]);
});

test('reductions', async () => {
  expect(await m.sum().item()).toBe(21);
  expect(await m.sum(0).array()).toEqual([5, 7, 9]);
  expect(await m.mean(-1, { keepdims: true }).array()).toEqual([[2], [5]]);
  expect(await m.prod([0, 1]).item()).toBe(720);
  expect(await m.max(1).array()).toEqual([3, 6]);
  expect(await m.min().item()).toBe(1);
  expect(await m.greater(0).all().item()).toBe(1);
  expect(await m.equal(6).any(1).array()).toEqual([false, true]);
  expect(await m.norm().item()).toBeCloseTo(Math.sqrt(91), 5);
  expect(await m.norm(1, 1).array()).toEqual([6, 15]);
  expect(await m.norm({ ord: Number.POSITIVE_INFINITY, axis: 1 }).array()).toEqual([3, 6]);
  expect(await m.countNonzero(0).array()).toEqual([2, 2, 2]);
});

test('statistics', async () => {
  expect(await m.variance(1).allClose([2 / 3, 2 / 3])).toBe(true);
  expect(await m.std(1, { keepdims: true }).allClose([[Math.sqrt(2 / 3)], [Math.sqrt(2 / 3)]])).toBe(true);
  expect(await m.logsumexp(1).allClose([3.4076059644, 6.4076059644])).toBe(true);
  expect(await tensor([1000, 1000]).logsumexp().item()).toBeCloseTo(1000 + Math.LN2, 3);
});

test('extremes by index', async () => {
  const t = tensor([
    [3, 9, 9],
    [7, 1, 2],
  ]);
  expect(await t.argmax(-1).data()).toEqual(Int32Array.of(1, 0));
  expect(await t.argmin(0).array()).toEqual([0, 1, 1]);
  expect(await t.argmax().item()).toBe(1);
  expect(t.argmax(0, { keepdims: true }).shape).toEqual([1, 3]);
  expect(t.argmax(null, { keepdims: true }).shape).toEqual([1, 1]);
});

test('shapes', async () => {
  expect(await m.reshape([3, -1]).array()).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(await m.transpose().array()).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
  expect(m.expandDims([0, -1]).shape).toEqual([1, 2, 3, 1]);
  expect(m.expandDims(1).squeeze().shape).toEqual([2, 3]);
  expect(m.expandDims(0).moveaxis(0, 2).shape).toEqual([2, 3, 1]);
  expect(m.swapaxes(0, -1).shape).toEqual([3, 2]);
  expect(await tensor([1, 2]).tile([2, 2]).array()).toEqual([
    [1, 2, 1, 2],
    [1, 2, 1, 2],
  ]);
  expect(await m.repeat(2, 0).array()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
    [4, 5, 6],
    [4, 5, 6],
  ]);
  expect(await tensor([1, 2]).broadcastTo([2, -1]).array()).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('parts', async () => {
  expect(await m.slice(1).array()).toEqual([[4, 5, 6]]);
  expect(await m.slice([0, 1], [1, 99]).array()).toEqual([[2, 3]]);
  expect(await m.slice([0, -2], [null, -1]).array()).toEqual([[2], [5]]);
  expect(await m.at(1, 2).item()).toBe(6);
  expect(await m.at(-1).array()).toEqual([4, 5, 6]);
  expect(await m.at(null, -1).array()).toEqual([3, 6]);
  expect(await m.at(null, [0, 3, 2]).array()).toEqual([
    [1, 3],
    [4, 6],
  ]);
  expect(await m.gather([2, 0], 1).array()).toEqual([
    [3, 1],
    [6, 4],
  ]);
  expect(await m.flip(1).array()).toEqual([
    [3, 2, 1],
    [6, 5, 4],
  ]);
  expect(await Promise.all(m.split(3, 1).map((part) => part.array()))).toEqual([
    [[1], [4]],
    [[2], [5]],
    [[3], [6]],
  ]);
  expect((await Promise.all(m.split([1], 1).map((part) => part.array())))[1]).toEqual([
    [2, 3],
    [5, 6],
  ]);
  expect(await m.unstack()[1]!.array()).toEqual([4, 5, 6]);
});

test('changed copies', async () => {
  expect(await m.with([null, [1, 3]], 0).array()).toEqual([
    [1, 0, 0],
    [4, 0, 0],
  ]);
  expect(await m.with([1], [7, 8, 9]).array()).toEqual([
    [1, 2, 3],
    [7, 8, 9],
  ]);
  expect(await m.with([null, -1], [7, 8]).array()).toEqual([
    [1, 2, 7],
    [4, 5, 8],
  ]);
  expect(await m.with([null, [0, 3, 2]], -1).array()).toEqual([
    [-1, 2, -1],
    [-1, 5, -1],
  ]);
  expect((await m.array())[0]).toEqual([1, 2, 3]);
});

test('combinations', async () => {
  expect(await ops.concat([m, m], 1).array()).toEqual([
    [1, 2, 3, 1, 2, 3],
    [4, 5, 6, 4, 5, 6],
  ]);
  expect(ops.stack([m, m, m], -1).shape).toEqual([2, 3, 3]);
  expect(await tensor([1]).pad([1, 2], { value: 9 }).array()).toEqual([9, 1, 9, 9]);
  expect(await tensor([1]).pad([1, 0], { value: -Infinity }).array()).toEqual([-Infinity, 1]);
  expect(await ops.outer([1, 2], [3, 4]).array()).toEqual([
    [3, 4],
    [6, 8],
  ]);
  expect(await m.zerosLike().add(m.onesLike()).sum().item()).toBe(6);
});

test('products of matrices and vectors', async () => {
  const v = tensor([1, 0, -1]);
  expect(await m.matmul(m.transpose()).array()).toEqual([
    [14, 32],
    [32, 77],
  ]);
  expect(await m.matmul(v).array()).toEqual([-2, -2]);
  expect(await v.matmul(m.transpose()).array()).toEqual([-2, -2]);
  expect(await v.matmul(v).item()).toBe(2);
});

test('one hot', async () => {
  expect(await ops.oneHot([2, 0], 3).array()).toEqual([
    [0, 0, 1],
    [1, 0, 0],
  ]);
  expect(await tensor(Uint8Array.of(1)).oneHot(2).array()).toEqual([[0, 1]]);
  expect(ops.oneHot([0, 1], 3, { axis: 0 }).shape).toEqual([3, 2]);
});

test('softmax', async () => {
  expect(
    await tensor([0, Math.log(3)])
      .softmax()
      .allClose([0.25, 0.75]),
  ).toBe(true);
  expect(
    await tensor([0, Math.log(3)])
      .logSoftmax()
      .allClose([Math.log(0.25), Math.log(0.75)]),
  ).toBe(true);
});

test('images', async () => {
  const image = tensor(
    Float32Array.from({ length: 16 }, (_, i) => i),
    { shape: [1, 4, 4, 1] },
  );
  expect((await image.maxPool2d(2).data()).join()).toBe('5,7,13,15');
  expect((await image.avgPool2d(2).data()).join()).toBe('2.5,4.5,10.5,12.5');
  expect((await image.maxPool2d(2, { strides: 1, padding: 'same' }).array())[0][3]).toEqual([[13], [14], [15], [15]]);
  const edge = tensor([[[[1]], [[-1]]]]);
  expect((await image.conv2d(edge).data()).join()).toBe(Array(12).fill(-1).join());
  expect(image.conv2d(edge, { padding: 'same', strides: [2, 1] }).shape).toEqual([1, 2, 4, 1]);
});

test('equality is asked for', async () => {
  expect(await m.equals(m.add(0))).toBe(true);
  expect(await m.equals(m.reshape([3, 2]))).toBe(false);
  expect(await m.equals(m.add(1e-3))).toBe(false);
  expect(await m.allClose(m.add(1e-6))).toBe(true);
  expect(await tensor([Number.NaN]).allClose([Number.NaN])).toBe(false);
  expect(await tensor([Number.POSITIVE_INFINITY]).allClose([Number.POSITIVE_INFINITY])).toBe(true);
  expect(await tensor([1]).allClose([Number.POSITIVE_INFINITY])).toBe(false);
});
