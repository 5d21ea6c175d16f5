import { gradients, ops, tensor, Variable, zeros } from 'fovea';
import { describe, expect, test } from 'vitest';

const bfloat16 = (values: number[]) => tensor(values, { dtype: 'bfloat16' });

describe('bfloat16', () => {
  test('numbers are rounded to eight bits, halves to the even one, and read as a Float32Array', async () => {
    // 1 + 2⁻⁷ is the number after 1; 1 + 2⁻⁸ lies between them, 1 + 3 · 2⁻⁸ between the next two.
    const given = [1, 1 + 2 ** -7, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 3.4e38, -0, Infinity, NaN];
    const wanted = [1, 1 + 2 ** -7, 1, 1 + 2 ** -6, 1 + 2 ** -7, Infinity, -0, Infinity, NaN];
    for (const x of [
      bfloat16(given),
      tensor(given).cast('bfloat16'),
      tensor(Float32Array.from(given), { dtype: 'bfloat16' }),
    ]) {
      const data = await x.data();
      expect(data).toBeInstanceOf(Float32Array);
      expect([...data]).toEqual(wanted);
    }
    expect(
      await bfloat16([1 / 3])
        .cast('float32')
        .item(),
    ).toBe(0.333984375);
  });

  test('promotion is that of Keras', () => {
    const x = bfloat16([1, 2]);
    expect(x.add(tensor([1, 2])).dtype).toBe('float32');
    expect(x.mul(tensor([1, 2], { dtype: 'int32' })).dtype).toBe('bfloat16');
    expect(x.mul(0.1).dtype).toBe('bfloat16');
    expect(x.div(3).dtype).toBe('bfloat16');
    expect(x.exp().dtype).toBe('bfloat16');
    expect(x.mean().dtype).toBe('bfloat16');
    expect(ops.softmax(x).dtype).toBe('bfloat16');
    expect(x.greater(1).dtype).toBe('bool');
    expect(ops.concat([x, tensor([1])]).dtype).toBe('float32');
  });

  test('sums are taken in float32 and rounded once', async () => {
    // In bfloat16 256 + 1 would be 256 again.
    expect(
      await bfloat16([256, ...Array<number>(64).fill(1)])
        .sum()
        .item(),
    ).toBe(320);
    const ones = tensor(Array(300).fill(1), { shape: [1, 300], dtype: 'bfloat16' });
    expect(await ops.matmul(ones, ops.transpose(ones)).item()).toBe(300);
  });

  test('elements are moved as they are', async () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { dtype: 'bfloat16' },
    );
    expect(await ops.transpose(x).array()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(
      await ops
        .pad(x, [
          [0, 1],
          [1, 0],
        ])
        .array(),
    ).toEqual([
      [0, 1, 2, 3],
      [0, 4, 5, 6],
      [0, 0, 0, 0],
    ]);
    expect(await ops.take(x, tensor([2, 0], { dtype: 'int32' }), 1).array()).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect(await x.at(1, [1, 3]).array()).toEqual([5, 6]);
  });

  test('gradients have the dtype of what they are of', async () => {
    const x = new Variable({ initial: bfloat16([1, 2, 3]) });
    const w = new Variable({ initial: tensor([0.5, 0.25, 2]) });
    const [dx, dw] = gradients(x.mul(w.cast('bfloat16')).square().sum(), [x, w]);
    expect([dx.dtype, dw.dtype]).toEqual(['bfloat16', 'float32']);
    expect(await dx.array()).toEqual([0.5, 0.25, 24]);
    expect(await dw.array()).toEqual([1, 2, 36]);
  });

  test('variables hold it', async () => {
    const x = new Variable({ initial: zeros([2]), dtype: 'bfloat16' });
    x.assign(tensor([1 / 3, 7]));
    expect(x.dtype).toBe('bfloat16');
    expect(await x.array()).toEqual([0.333984375, 7]);
  });
});
