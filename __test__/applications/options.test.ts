import { applications, layers, random, Sequential, type Tensor, tensor } from 'fovea';
import { describe, expect, test } from 'vitest';

const { InceptionV3, MobileNetV2, ResNet50, VGG16 } = applications;
const networks = Object.entries({ InceptionV3, MobileNetV2, ResNet50, VGG16 });
const error = (where: string, code: string, message: RegExp) =>
  expect.objectContaining({ name: 'FoveaError', where, code, message: expect.stringMatching(message) });

describe.each(networks)('%s', (name, network) => {
  const call = network as (options?: object) => unknown;

  test.each([
    ['left out', {}],
    ["'imagenet'", { weights: 'imagenet' }],
    ["'weights.h5'", { weights: 'weights.h5' }],
  ])('weights that are %s are not supported', (_, options) => {
    const received = new RegExp(
      `^${name}: .*\\{ weights: null \\}.*received '${'weights' in options ? options.weights : 'imagenet'}'`,
    );
    expect(() => call(options)).toThrow(error(name, 'UNSUPPORTED', received));
  });

  test.each([
    ['no options', undefined, /options must be a record/],
    ['an option that there is not', { weights: null, clases: 3 }, /unknown option 'clases'. Did you mean 'classes'\?/],
    [
      'an image that is too small',
      { weights: null, inputShape: [31, 299, 3] },
      /of at least (32|75); received \[31, 299, 3\]/,
    ],
    [
      'a shape with a batch',
      { weights: null, inputShape: [8, 299, 299, 3] },
      /inputShape must be \[height, width, channels\]/,
    ],
    ['an unknown side before a classifier', { weights: null, inputShape: [null, 299, 3] }, /known entirely/],
    ['no classes', { weights: null, classes: 0 }, /classes must be a whole number of at least 1; received 0/],
    [
      'a pooling that there is not',
      { weights: null, includeTop: false, pooling: 'mean' },
      /'avg', 'max'; received 'mean'/,
    ],
    ['an activation that there is not', { weights: null, classifierActivation: 'sofmax' }, /sofmax.*softmax/],
  ])('%s: an error with a code', (what, options, message) => {
    const where = what === 'an activation that there is not' ? expect.any(String) : name;
    expect(() => call(options)).toThrow(error(where, 'BAD_ARGUMENT', message));
  });
});

test('MobileNetV2 takes a width of at least 0', () => {
  expect(() => MobileNetV2({ weights: null, alpha: -1 })).toThrow(error('MobileNetV2', 'BAD_ARGUMENT', /alpha.*-1/));
});

test('a frozen network is a layer of another one, which learns behind it', async () => {
  const body = MobileNetV2({ weights: null, alpha: 0.35, includeTop: false, pooling: 'avg', inputShape: [32, 32, 3] });
  body.trainable = false;
  using model = new Sequential([body, new layers.Dense(3, { activation: 'softmax' })]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const values = (weights: readonly Tensor[]) => Promise.all(weights.map((weight) => weight.array()));
  const [before, head] = [await values(body.getWeights()), await values(model.layers[1]!.getWeights())];
  await model.fit(random.uniform([6, 32, 32, 3]), tensor([0, 1, 2, 0, 1, 2]), { epochs: 1, verbose: 0 });
  expect(await values(body.getWeights())).toEqual(before);
  expect(await values(model.layers[1]!.getWeights())).not.toEqual(head);
});
