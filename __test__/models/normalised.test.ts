import { Input, layers, Sequential, tensor } from 'fovea';
import { expect, test } from 'vitest';

const { BatchNormalization, Conv2D, Dense, DepthwiseConv2D, ReLU } = layers;

/** Numbers around a centre that no two weights share. */
const numbers = (count: number, salt: number, centre = 0) =>
  Float32Array.from({ length: count }, (_, i) => centre + Math.sin(1.7 * i + salt) / 2);

/** A product, and the sides of what goes in and comes out. */
interface Case {
  name: string;
  product: () => layers.Layer;
  image: number[];
}

const products: Case[] = [
  { name: 'a convolution', product: () => new Conv2D(5, 3, { padding: 'same' }), image: [9, 8, 3] },
  {
    name: 'one without a bias',
    product: () => new Conv2D(4, [2, 3], { strides: 2, useBias: false }),
    image: [16, 16, 3],
  },
  { name: 'one with groups', product: () => new Conv2D(6, 3, { groups: 2 }), image: [12, 12, 4] },
  { name: 'a depthwise convolution', product: () => new DepthwiseConv2D(3, { depthMultiplier: 2 }), image: [10, 9, 4] },
  { name: 'a dense layer', product: () => new Dense(6), image: [40, 5] },
  { name: 'one with more weights than activations', product: () => new Conv2D(8, 3), image: [3, 4, 16] },
];

test.each(products)('$name, normalised and rectified, predicts what the formula says', async ({ product, image }) => {
  const [first, normal] = [product(), new BatchNormalization({ epsilon: 0.01 })];
  const plain = new Sequential([Input(image), first]);
  const model = new Sequential([Input(image), first, normal, new ReLU()]);
  const x = tensor(numbers(2 * image.reduce((a, b) => a * b, 1), 1), { shape: [2, ...image] });
  // New weights are seen by the plan that there is.
  for (const round of [1, 2]) {
    first.setWeights(
      first.weights.map(({ shape, size }, i) => tensor(numbers(size, round + i), { shape: [...shape] })),
    );
    const channels = normal.gamma!.size;
    const [gamma, beta, mean, variance] = [
      numbers(channels, round + 3, 1),
      numbers(channels, round + 4),
      numbers(channels, round + 5),
      numbers(channels, round + 6, 0.8),
    ] as const;
    normal.setWeights([gamma, beta, mean, variance].map((values) => tensor(values)));
    const before = await (await plain.predict(x)).data();
    const received = await (await model.predict(x)).data();
    expect(received.length).toBe(before.length);
    let largest = 0;
    for (const [i, y] of before.entries()) {
      const c = i % channels;
      const expected = ((y - mean[c]!) / Math.sqrt(variance[c]! + 0.01)) * gamma[c]! + beta[c]!;
      largest = Math.max(largest, Math.abs(received[i]! - Math.max(expected, 0)));
    }
    expect(largest).toBeLessThan(1e-5);
  }
});
