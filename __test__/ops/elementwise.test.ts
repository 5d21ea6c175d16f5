import { ops, tensor } from 'fovea';
import { describe, expect, test } from 'vitest';

describe('operations on bits', () => {
  const bytes = tensor(Uint8Array.of(0, 1, 200, 255));

  test('a number beside a tensor takes its dtype where it fits, and is wider where it does not', async () => {
    const shifted = ops.leftShift(bytes, 1);
    expect(shifted.dtype).toBe('uint8');
    expect(await shifted.array()).toEqual([0, 2, 144, 254]);
    const wider = ops.bitwiseOr(bytes, 256);
    expect(wider.dtype).toBe('int32');
    expect(await wider.array()).toEqual([256, 257, 456, 511]);
    expect(ops.bitwiseXor(ops.cast(bytes, 'int64'), 3).dtype).toBe('int64');
  });

  test('numbers and arrays alone are int32', async () => {
    expect(ops.gcd(12, 18).dtype).toBe('int32');
    expect(await ops.bitwiseAnd([6, 7], [3, 8]).array()).toEqual([2, 0]);
    expect(await ops.bitwiseNot(tensor(Int32Array.of(0, -1))).array()).toEqual([-1, 0]);
  });

  test('booleans have one bit', async () => {
    const flags = tensor([true, false]);
    expect(ops.bitwiseNot(flags).dtype).toBe('bool');
    expect(await ops.bitwiseNot(flags).data()).toEqual(Uint8Array.of(0, 1));
    expect(await ops.bitwiseAnd(flags, true).data()).toEqual(Uint8Array.of(1, 0));
  });

  test('past the width nothing is left but the sign, as in NumPy', async () => {
    const x = tensor(Int32Array.of(-5, 5));
    expect(await ops.leftShift(x, 32).array()).toEqual([0, 0]);
    expect(await ops.rightShift(x, 99).array()).toEqual([-1, 0]);
  });

  test('floats are refused', () => {
    expect(() => ops.bitwiseAnd(tensor([1.5]), 1)).toThrow('bitwiseAnd: expected whole numbers, received float32');
    expect(() => ops.gcd(1.5, 3)).toThrow('gcd: expected whole numbers');
    expect(() => ops.ldexp(1, tensor([0.5]))).toThrow('y must be whole numbers');
  });
});

describe('logarithms', () => {
  test('of powers are exact', async () => {
    expect(await ops.log2([0.25, 1, 8, 2 ** 100]).array()).toEqual([-2, 0, 3, 100]);
    expect(await ops.log10([1, 10, 1000, 1e10]).array()).toEqual([0, 1, 3, 10]);
  });
});

describe('products of whole numbers', () => {
  test('refuse sides that do not fit, one of them 1 too', () => {
    const whole = (...shape: number[]) =>
      ops
        .cast(
          ops.reshape(
            0,
            shape.map(() => 1),
          ),
          'int32',
        )
        .tile(shape);
    expect(() => ops.matmul(whole(2, 3), whole(1, 4))).toThrow('the inner sides differ');
    expect(() => ops.matmul(whole(2, 3), whole(4, 3))).toThrow('the inner sides differ');
  });

  test('are exact where float32 is not, and do not wrap on the way', async () => {
    const x = tensor(Int32Array.of(46_341, 1), { shape: [1, 2] });
    expect(await ops.matmul(x, tensor(Int32Array.of(46_340, 1), { shape: [2, 1] })).array()).toEqual([
      [46_341 * 46_340 + 1],
    ]);
    const bytes = tensor(Int8Array.of(127, 127), { shape: [1, 2] });
    const product = ops.matmul(bytes, bytes.transpose());
    expect(product.dtype).toBe('int32');
    expect(await product.array()).toEqual([[2 * 127 * 127]]);
  });
});
