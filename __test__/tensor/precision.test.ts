import { gradients, layers, models, ops, random, setPrecision, setSeed, type Tensor, tensor, Variable } from 'fovea';
import { afterEach, expect, test } from 'vitest';

afterEach(() => setPrecision('high'));

const normal = (shape: number[], seed: number): Tensor => random.normal(shape, { seed });

/** A convolution wide enough for Winograd's algorithm, and both of its gradients. */
async function convolution(taps: number): Promise<Float32Array[]> {
  const x = new Variable({ initial: normal([2, 24, 24, 64], 1) });
  const kernel = new Variable({ initial: normal([taps, taps, 64, 64], 2) });
  const y = ops.conv(x, kernel, { padding: 'same' });
  const [dx, dw] = gradients(ops.sum(ops.mul(y, normal([2, 24, 24, 64], 3))), [x, kernel]);
  return Promise.all([y, dx!, dw!].map(async (t) => (await t.data()) as Float32Array));
}

/** The root mean square of the differences beside that of the numbers. */
function relative(a: Float32Array, b: Float32Array): number {
  const square = (f: (i: number) => number) => a.reduce((sum, _, i) => sum + f(i) ** 2, 0);
  return Math.sqrt(square((i) => a[i]! - b[i]!) / square((i) => b[i]!));
}

test.each([3, 5])('the precision decides whether a convolution of %i taps takes the detour, and back', async (taps) => {
  const high = await convolution(taps);
  setPrecision('highest');
  const highest = await convolution(taps);
  setPrecision('high');
  const again = await convolution(taps);
  for (const [i, values] of high.entries()) {
    expect(values).not.toEqual(highest[i]);
    expect(relative(values, highest[i]!)).toBeLessThan(5e-6);
    expect(values).toEqual(again[i]);
  }
});

test('a model that was compiled follows with its next call', async () => {
  setSeed(1);
  const model = new models.Sequential([layers.Input([24, 24, 64]), new layers.Conv2D(64, 3, { padding: 'same' })]);
  const x = normal([2, 24, 24, 64], 4);
  const predict = async () => ((await model.predict(x)) as Tensor).data();
  const high = await predict();
  setPrecision('highest');
  const highest = await predict();
  expect(highest).not.toEqual(high);
  setPrecision('high');
  expect(await predict()).toEqual(high);
});

test('another word is refused', () => {
  // @ts-expect-error There is no such precision.
  expect(() => setPrecision('low')).toThrow("setPrecision: the precision must be 'high' or 'highest'; received 'low'.");
  expect(tensor([1]).shape).toEqual([1]);
});
