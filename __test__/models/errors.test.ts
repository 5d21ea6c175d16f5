import { Input, layers, Model, Sequential, tensor, zeros } from 'fovea';
import { describe, expect, test } from 'vitest';
import { thrown } from '../house/thrown.ts';

const { Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU, Reshape } = layers;

describe('wrong calls say what was wanted, what came and what to do', () => {
  test('a kernel that is larger than its input', () => {
    const x = Input([5, 5, 32]);
    const error = thrown(() => new Conv2D(8, 7, { name: 'conv2d_1' })(x));
    expect(error.message).toBe(
      'Conv2D "conv2d_1": kernel 7×7 does not fit into its input [null, 5, 5, 32] with padding \'valid\'. ' +
        "Use padding 'same', a smaller kernel, or fewer pooling layers before it.",
    );
    expect(error).toMatchObject({ code: 'SHAPE_MISMATCH', where: 'conv2d_1' });
  });

  test('a pool that is larger than its input', () => {
    const error = thrown(() => new MaxPooling2D(4, { name: 'pool' })(Input([3, 3, 1])));
    expect(error.message).toMatch(/^MaxPooling2D "pool": pool 4×4 does not fit into its input \[null, 3, 3, 1\]/);
    expect(error.code).toBe('SHAPE_MISMATCH');
  });

  test('a missing channel axis', () => {
    const layer = new Conv2D(8, 3, { name: 'conv' });
    const error = thrown(() => layer(Input([28, 28])));
    expect(error.message).toBe(
      'Conv2D "conv": expected an input [batch, height, width, channels], received [null, 28, 28]. ' +
        'The channel axis is missing: a grey image is [height, width, 1], and x.expandDims(-1) adds the axis.',
    );
    expect(layer.built).toBe(false);
  });

  test('data without its channel axis', () => {
    const model = new Sequential([Input([28, 28, 1]), new Flatten(), new Dense(2)], { name: 'net' });
    expect(thrown(() => model(zeros([4, 28, 28]))).message).toBe(
      'Sequential "net": expected an input [null, 28, 28, 1], received [4, 28, 28]. ' +
        'The channel axis is missing: x.expandDims(-1) adds it.',
    );
  });

  test('data of another shape', () => {
    const model = new Sequential([Input([4]), new Dense(2)], { name: 'net' });
    expect(thrown(() => model(zeros([1, 5]))).message).toBe(
      'Sequential "net": expected an input [null, 4], received [1, 5].',
    );
  });

  test('another number of channels than the weights were made for', () => {
    const layer = new Dense(2, { name: 'dense' });
    layer(zeros([1, 3]));
    const error = thrown(() => layer(zeros([1, 4])));
    expect(error.message).toMatch(/^Dense "dense": /);
    expect(error.code).toBe('SHAPE_MISMATCH');
  });

  test('two layers of one name', () => {
    const twins = () => [new Dense(2, { name: 'twin' }), new Dense(3, { name: 'twin' })] as const;
    const [a, b] = twins();
    const x = Input([4]);
    const sentence = 'Dense "twin" and Dense "twin" have one name.';
    expect(thrown(() => new Model(x, b(a(x)))).message).toContain(sentence);
    expect(thrown(() => new Sequential([...twins()])).message).toContain(sentence);
  });

  test('an unknown axis, by its number', () => {
    const error = thrown(() => new Dense(2, { name: 'dense' })(Input([null])));
    expect(error.message).toMatch(/^Dense "dense": axis 0 of weight "kernel" is unknown/);
    expect(error.code).toBe('NOT_BUILT');
  });

  test.each([
    [() => new Dense(2, { activation: 'rellu' as never }), "Dense: unknown activation 'rellu'. Did you mean 'relu'?"],
    [
      () => new Dense(2, { kernel_initializer: 'zeros' } as never),
      "Dense: unknown option 'kernel_initializer'. Did you mean 'kernelInitializer'?",
    ],
    [
      () => new Dense(2, { kernelInitializer: 'he_normal' as never }),
      "unknown initializer 'he_normal'. Did you mean 'heNormal'?",
    ],
    [() => new Dense(2, { kernelRegularizer: 'l3' as never }), "unknown regularizer 'l3'. Did you mean 'l1'?"],
    [() => new Conv2D(2, 3, { padding: 'some' as never }), "Did you mean 'same'?"],
    [() => new Conv2D(0, 3), 'Conv2D: filters must be a whole number of at least 1'],
    [() => new Conv2D(2, [3, 3, 3]), 'Conv2D: kernelSize must be a positive whole number or 2 of them'],
    [() => new Conv2D(4, 3, 1, { strides: 2 }), 'Conv2D: strides is given twice.'],
    [() => new Dropout(1.5), 'Dropout: rate must be a number from 0 to 1'],
    [() => new ReLU({ threshold: -1 }), 'ReLU: threshold must be a number of at least 0'],
    [() => new Activation('softmaxx' as never), "Did you mean 'softmax'?"],
    [() => new Dense({}), 'Dense: units must be a whole number of at least 1; received undefined.'],
    [() => Input([28, 0]), 'Input: shape must be a list of positive whole numbers or null'],
    [() => new Dense(2)(3 as never), 'must be called on a tensor; received 3.'],
    [
      () => new Dense(2)(zeros([1, 2]), { train: true } as never),
      "unknown option 'train'. Known options: training, mask.",
    ],
    [() => new Reshape([5, -1])(zeros([1, 4])), 'Reshape "'],
  ])('%# %s', (fn, sentence) => {
    expect(thrown(fn).message).toContain(sentence);
  });

  test('outputs that do not follow from the inputs', () => {
    const [a, b] = [Input([2]), Input([2], { name: 'other' })];
    expect(thrown(() => new Model(a, new Dense(2)(b))).message).toContain(
      'InputLayer "other", which is not among the inputs',
    );
    expect(thrown(() => new Model(a, tensor([1]))).message).toContain('must lead to an Input');
  });

  test('weights of the wrong number or shape change nothing', async () => {
    const layer = new Dense(2, { name: 'dense' });
    layer.build([null, 3]);
    const before = await layer.kernel.array();
    expect(thrown(() => layer.setWeights([zeros([3, 2])])).message).toBe('Dense "dense": has 2 weights; received 1.');
    expect(thrown(() => layer.setWeights([zeros([3, 2]), zeros([3])])).message).toContain(
      'has shape [2]; received [3]',
    );
    expect(await layer.kernel.array()).toEqual(before);
  });

  test('counting before there are weights', () => {
    expect(thrown(() => new Dense(2).countParams()).code).toBe('NOT_BUILT');
  });
});
