import {
  gradients,
  Input,
  layers,
  Model,
  ops,
  random,
  Sequential,
  setSeed,
  type Tensor,
  tensor,
  Variable,
} from 'fovea';
import { describe, expect, test } from 'vitest';

const images = (shape = [12, 6, 7, 3]) => random.uniform(shape, { maxval: 255, seed: 3 });

/** Every layer that draws, with factors at which it surely does something. */
const drawing: Record<string, () => layers.Layer> = {
  RandomFlip: () => new layers.RandomFlip(),
  RandomRotation: () => new layers.RandomRotation([0.1, 0.2]),
  RandomTranslation: () => new layers.RandomTranslation([0.2, 0.4], 0.3),
  RandomZoom: () => new layers.RandomZoom([-0.5, -0.2]),
  RandomShear: () => new layers.RandomShear([0.2, 0.5], 0.1),
  RandomPerspective: () => new layers.RandomPerspective([1, 1], 0.4),
  RandomContrast: () => new layers.RandomContrast(0.8),
  RandomBrightness: () => new layers.RandomBrightness(0.5),
  RandomHue: () => new layers.RandomHue([0.3, 0.6]),
  RandomSaturation: () => new layers.RandomSaturation([0.7, 0.9]),
  RandomSharpness: () => new layers.RandomSharpness([0.8, 1]),
  RandomColorDegeneration: () => new layers.RandomColorDegeneration([0.3, 0.8]),
  RandomColorJitter: () =>
    new layers.RandomColorJitter({
      brightnessFactor: 0.3,
      contrastFactor: 0.3,
      saturationFactor: [0.6, 0.9],
      hueFactor: 0.3,
    }),
  RandomGrayscale: () => new layers.RandomGrayscale(0.5),
  RandomGaussianBlur: () => new layers.RandomGaussianBlur([1, 1], 5, [0.5, 1]),
  RandomErasing: () => new layers.RandomErasing([1, 1]),
  RandomInvert: () => new layers.RandomInvert([0.5, 0.5]),
  RandomPosterization: () => new layers.RandomPosterization([1, 4]),
  Solarization: () => new layers.Solarization([0.2, 0.5], 0.5),
  MixUp: () => new layers.MixUp(2),
  CutMix: () => new layers.CutMix([0.9, 1]),
  RandAugment: () => new layers.RandAugment({ factor: [0.4, 0.5] }),
};

describe.each(Object.entries(drawing))('%s', (_name, make) => {
  test('changes images in training only, anew each time, of one shape, and by seed the same', async () => {
    const x = images();
    setSeed(7);
    const layer = make();
    expect(await layer(x, { training: false }).equals(x)).toBe(true);
    const [a, b]: Tensor[] = [layer(x), layer(x, { training: true })];
    expect(a!.shape).toEqual(x.shape);
    expect(await a!.equals(x)).toBe(false);
    expect(await a!.equals(b!)).toBe(false);
    expect(await a!.isFinite().all().item()).toBe(1);
    setSeed(7);
    expect(await make()(x).equals(a!)).toBe(true);
  });

  test('takes one image, a model with an unknown batch, and its own config', async () => {
    const layer = make();
    expect(layer(images([6, 7, 3]), { training: true }).shape).toEqual([6, 7, 3]);
    const input = Input([6, 7, 3]);
    const model = new Model({ inputs: input, outputs: make()(input) });
    expect(model.outputs[0]!.shape).toEqual([null, 6, 7, 3]);
    expect(await (await model.predict(images())).equals(images())).toBe(true);
    const config = layer.getConfig();
    expect((layer.constructor as typeof layers.RandomFlip).fromConfig(config).getConfig()).toEqual(config);
  });
});

describe('draws', () => {
  const n = 4000;
  const many = random.uniform([n, 2, 2, 1], { seed: 1 });
  const between = async (x: Tensor, low: number, high: number) => {
    expect(await x.min().item()).toBeGreaterThanOrEqual(low);
    expect(await x.max().item()).toBeLessThanOrEqual(high);
    expect(Math.abs((await x.mean().item()) - (low + high) / 2)).toBeLessThan((high - low) * 0.03);
  };

  test('are spread over the factors', async () => {
    await between(new layers.RandomRotation(0.25).getRandomTransformation(many)!.angle, -90, 90);
    await between(new layers.RandomRotation([0.1, 0.2]).getRandomTransformation(many)!.angle, 36, 72);
    await between(new layers.RandomZoom([-0.3, 0.1]).getRandomTransformation(many)!.heightZoom, 0.7, 1.1);
    await between(new layers.RandomContrast(0.4).getRandomTransformation(many)!.contrastFactor, 1, 1.4);
    await between(new layers.RandomContrast([0.2, 0.4]).getRandomTransformation(many)!.contrastFactor, 0.8, 1.4);
    await between(new layers.RandomBrightness(0.2).getRandomTransformation(many)!.rgbDelta, -51, 51);
    await between(new layers.RandomTranslation(0.5, 0).getRandomTransformation(many)!.translations.at(null, 1), -1, 1);
  });

  test('flip half of the images, and erase within the scale', async () => {
    const { flips } = new layers.RandomFlip().getRandomTransformation(many)!;
    expect(Math.abs((await flips.cast('float32').mean().item()) - 0.5)).toBeLessThan(0.03);
    const wide = random.uniform([200, 40, 40, 1], { seed: 1 });
    const { batchMasks } = new layers.RandomErasing(1, [0.1, 0.2]).getRandomTransformation(wide)!;
    const parts = batchMasks.cast('float32').mean([1, 2, 3]);
    expect(await parts.min().item()).toBeGreaterThan(0.07);
    expect(await parts.max().item()).toBeLessThan(0.24);
  });

  test('crop anywhere inside', async () => {
    const x = ops.reshape(tensor(Float32Array.from({ length: 30 }, (_, i) => i)), [1, 5, 6, 1]);
    const layer = new layers.RandomCrop(3, 4);
    const corners = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const y: Tensor = layer(x);
      expect(y.shape).toEqual([1, 3, 4, 1]);
      corners.add(await y.at(0, 0, 0, 0).item());
    }
    expect([...corners].sort((a, b) => a - b)).toEqual([0, 1, 2, 6, 7, 8, 12, 13, 14]);
    expect(layer.computeOutputShape([null, 5, 6, 1])).toEqual([null, 3, 4, 1]);
  });
});

test('mixed labels go with mixed images', async () => {
  const x = ops.broadcastTo(ops.reshape([0, 1, 2, 3], [4, 1, 1, 1]), [4, 8, 8, 1]);
  const labels = tensor([
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ]);
  for (const layer of [new layers.MixUp(1), new layers.CutMix()]) {
    const out = layer({ images: x, labels }, { training: true });
    // The mean pixel of an image is the mean of its labels' numbers.
    const told = out.labels!.mul([0, 1, 2, 3]).sum(1);
    const seen = out.images.mean([1, 2, 3]);
    const off = await told.sub(seen).abs().max().item();
    expect(off).toBeLessThan(layer instanceof layers.MixUp ? 1e-5 : 0.8);
    expect(await out.labels!.sum(1).allClose([1, 1, 1, 1])).toBe(true);
    const still = layer({ images: x, labels }, { training: false });
    expect(await still.labels!.equals(labels)).toBe(true);
  }
  const masks = ops.oneHot(
    [
      [
        [0, 1],
        [2, 3],
      ],
    ],
    4,
  );
  const flip = new layers.RandomFlip('horizontal');
  const both = flip({ images: masks, segmentationMasks: masks });
  expect(await both.images.equals(both.segmentationMasks!)).toBe(true);
  expect(() => flip({ images: masks, boundingBoxes: masks } as never)).toThrow("'boundingBoxes' cannot be transformed");
});

test('augmentation trains, compiled, and lets gradients through', async () => {
  const model = new Sequential([
    Input([8, 8, 1]),
    new layers.RandomFlip('horizontal'),
    new layers.RandomRotation(0.1),
    new layers.RandomContrast(0.2, [0, 1]),
    new layers.Flatten(),
    new layers.Dense(2, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = random.uniform([12, 8, 8, 1], { seed: 2 });
  const { history } = await model.fit(x, tensor(Int32Array.from({ length: 12 }, (_, i) => i % 2)), {
    batchSize: 5,
    epochs: 2,
    verbose: 0,
  });
  expect(history.loss!.every(Number.isFinite)).toBe(true);
  const v = new Variable({ initial: x });
  expect(await gradients(new layers.RandomZoom(0.2)(v).sum(), v).abs().sum().item()).toBeGreaterThan(0);
});

describe('Normalization adapts', () => {
  const x = tensor([
    [1, 10],
    [3, 30],
    [5, 80],
  ]);

  test('to a tensor at once, to batches with the same result', async () => {
    const layer = new layers.Normalization();
    void layer.adapt(x);
    expect(await layer.weights[0]!.allClose([3, 40])).toBe(true);
    expect(await layer.weights[1]!.allClose([8 / 3, 2600 / 3])).toBe(true);
    expect(await layer(x).mean(0).allClose([0, 0], { atol: 1e-6 })).toBe(true);
    expect(await layer(x).variance(0).allClose([1, 1])).toBe(true);

    const batched = new layers.Normalization();
    await batched.adapt([x.slice(0, 2), { x: x.slice(2) }]);
    for (const [i, weight] of batched.weights.slice(0, 2).entries())
      expect(await weight.allClose(layer.weights[i]!)).toBe(true);
    await batched.adapt([[x, 'labels']]);
    expect(await batched.weights[0]!.allClose([3, 40])).toBe(true);
    expect(batched.weights.map(({ name, trainable }) => [name, trainable])).toEqual([
      ['mean', false],
      ['variance', false],
      ['count', false],
    ]);
  });

  test('to no axis, to several, and back', async () => {
    const all = new layers.Normalization(null);
    await all.adapt(x);
    expect(all.weights[0]!.shape).toEqual([]);
    expect(await all(x).mean().item()).toBeCloseTo(0, 5);
    const several = new layers.Normalization([1, 2]);
    await several.adapt(random.normal([5, 3, 2], { seed: 1 }));
    expect(several.weights[0]!.shape).toEqual([3, 2]);
    const back = new layers.Normalization({ invert: true });
    await back.adapt(x);
    const forth = new layers.Normalization();
    await forth.adapt(x);
    expect(await back(forth(x)).allClose(x)).toBe(true);
  });

  test('errors', async () => {
    await expect(new layers.Normalization().adapt([])).rejects.toThrow('adapt needs at least one batch');
    await expect(new layers.Normalization().adapt(3 as never)).rejects.toThrow('adapt takes a tensor or batches');
    await expect(new layers.Normalization(-1, 1, 2).adapt(x)).rejects.toThrow('there is nothing to adapt');
    const layer = new layers.Normalization();
    await layer.adapt(x);
    await expect(layer.adapt(tensor([[1, 2, 3]]))).rejects.toThrow('it was built for inputs of shape [null,2]');
    expect(() => new layers.Normalization({ mean: 1 })).toThrow('must be given both or not at all');
    expect(() => new layers.Normalization({ mean: [1, 2], variance: [1] })).toThrow('must have one shape');
    expect(() => new layers.Normalization({ mean: [[1]], variance: [[1]] })).toThrow('at most 1 axes');
  });
});

test('a pipeline runs its layers and is written with them', async () => {
  const pipeline = new layers.Pipeline([new layers.Rescaling(2), new layers.RandomContrast(0.5, { seed: 1 })]);
  const x = images();
  expect(await pipeline(x, { training: false }).allClose(x.mul(2))).toBe(true);
  expect(await pipeline(x, { training: true }).allClose(x.mul(2))).toBe(false);
  const again = layers.Pipeline.fromConfig(pipeline.getConfig());
  expect(again.getConfig()).toEqual(pipeline.getConfig());
});

test.each<[string, () => unknown, string]>([
  ['a factor out of bounds', () => new layers.RandomRotation(1.5), 'RandomRotation: factor must be a number'],
  ['no rotation', () => new layers.RandomRotation({}), 'RandomRotation: factor must be a number'],
  ['no brightness', () => new layers.RandomBrightness(), 'RandomBrightness: factor must be a number'],
  ['a negative contrast', () => new layers.RandomContrast(-0.5), 'from 0 to 1; received -0.5'],
  ['a zoom of -1', () => new layers.RandomZoom(-1), 'heightFactor must be a number'],
  ['no factor at all', () => new layers.RandomTranslation({}), 'heightFactor must be a number'],
  ['an even window', () => new layers.RandomGaussianBlur(1, 4), 'kernelSize must be an odd number'],
  ['a wide sigma', () => new layers.RandomGaussianBlur(1, 3, 2), 'sigma must be a number'],
  ['an unknown mode', () => new layers.RandomFlip('horizontl' as never), "Did you mean 'horizontal'?"],
  ['an unknown fill', () => new layers.RandomZoom(0.1, { fillMode: 'black' as never }), 'fillMode must be'],
  ['a bad range', () => new layers.RandomHue(0.1, [0] as never), 'valueRange must be a list of two numbers'],
  ['no size', () => new layers.Resizing({ height: 3 }), 'width must be a whole number of at least 1'],
  ['an unknown mode of encoding', () => new layers.CategoryEncoding(3, 'onehot' as never), "Did you mean 'oneHot'?"],
  ['two images', () => new layers.RandomFlip()(tensor([[1]])), 'expected images [height, width, channels]'],
  ['a snake option', () => new layers.RandomRotation(0.1, { fill_mode: 'wrap' } as never), "Did you mean 'fillMode'?"],
])('%s is an error', (_name, run, message) => {
  expect(run).toThrow(message);
});
