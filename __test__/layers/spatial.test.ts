import { constraints, Input, layers, Model, ones, ops, type Tensor, tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { thrown } from '../house/thrown.ts';

const { Conv1D, Conv2D, Conv3D, Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } = layers;
const { DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D } = layers;
const { MaxPooling1D, MaxPooling2D, MaxPooling3D, AveragePooling1D, AdaptiveMaxPooling2D } = layers;

const count = (shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, side) => n * side, 1) }, (_, i) => ((i * 7) % 11) - 5),
    { shape },
  );

describe('arguments', () => {
  test('stand in the order of Keras, options behind them', () => {
    expect({ ...new Conv1D(4, 3, 2, 'causal', { dilationRate: 1 }) }).toMatchObject({
      padding: 'causal',
      strides: [2],
    });
    expect({ ...new Conv3D(4, [1, 2, 3], { strides: 2 }) }).toMatchObject({
      kernelSize: [1, 2, 3],
      strides: [2, 2, 2],
    });
    expect({ ...new Conv2DTranspose(4, 3, 2, 'same', 1) }).toMatchObject({ outputPadding: [1, 1] });
    expect({ ...new Conv1DTranspose(4, 3) }).toMatchObject({ outputPadding: null });
    expect({ ...new DepthwiseConv2D(3, [2, 1], 'same', 4) }).toMatchObject({ depthMultiplier: 4, strides: [2, 1] });
    expect({ ...new SeparableConv1D(5, 3, { depthMultiplier: 2 }) }).toMatchObject({ filters: 5, depthMultiplier: 2 });
    expect({ ...new MaxPooling3D([1, 2, 3], null, 'same') }).toMatchObject({ strides: [1, 2, 3], padding: 'same' });
    expect({ ...new AveragePooling1D() }).toMatchObject({ poolSize: [2], strides: [2] });
    expect({ ...new AdaptiveMaxPooling2D(3) }).toMatchObject({ outputSize: [3, 3] });
  });

  test.each<[() => unknown, string]>([
    [() => new Conv1D(2, [3, 3]), 'Conv1D: kernelSize must be a positive whole number or 1 of them; received [3, 3].'],
    [() => new Conv3D(2, [3, 3]), 'Conv3D: kernelSize must be a positive whole number or 3 of them; received [3, 3].'],
    [() => new Conv2D(2, 3, 0), 'Conv2D: strides must be a positive whole number or 2 of them; received 0.'],
    [() => new Conv2D(0, 3), 'Conv2D: filters must be a whole number of at least 1; received 0.'],
    [() => new Conv2D(3, 3, { groups: 2 }), 'Conv2D: filters must be a multiple of groups; received 3 and 2.'],
    [
      () => new Conv2D(3, 3, { padding: 'causal' as never }),
      "Conv2D: padding must be 'valid', 'same'; received 'causal'.",
    ],
    [
      () => new Conv2D(2, 3, 2, { dilationRate: [1, 2] }),
      'Conv2D: strides over 1 and a dilationRate over 1 exclude each other; received strides [2,2] and dilationRate [1,2].',
    ],
    [() => new Conv1DTranspose(2, 3, 2, { dilationRate: 2 }), 'exclude each other'],
    [
      () => new Conv2DTranspose(2, 3, [2, 3], 'same', [1, 3]),
      'Conv2DTranspose: outputPadding must be less than strides along each axis; received [1,3] and [2,3].',
    ],
    [
      () => new Conv3DTranspose(2, 3, { outputPadding: -1 }),
      'must be a whole number that is not negative or 3 of them',
    ],
    [() => new DepthwiseConv1D(3, { depthMultiplier: 0 }), 'DepthwiseConv1D: depthMultiplier must be a whole number'],
    [() => new DepthwiseConv2D(3, { filters: 2 } as never), "DepthwiseConv2D: unknown option 'filters'."],
    [
      () => new SeparableConv2D(3, 3, { depthwise_initializer: 'zeros' } as never),
      "Did you mean 'depthwiseInitializer'?",
    ],
    [() => new MaxPooling1D([2, 2]), 'MaxPooling1D: poolSize must be a positive whole number or 1 of them'],
    [() => new MaxPooling2D(2, { padding: 'causal' as never }), "MaxPooling2D: padding must be 'valid', 'same'"],
    [
      () => new AdaptiveMaxPooling2D([1, 2, 3]),
      'AdaptiveMaxPooling2D: outputSize must be a positive whole number or 2',
    ],
    [() => new AdaptiveMaxPooling2D({}), 'AdaptiveMaxPooling2D: outputSize must be'],
  ])('%# are checked', (make, sentence) => {
    const error = thrown(make);
    expect(error.code).toBe('BAD_ARGUMENT');
    expect(error.message).toContain(sentence);
  });

  test.each<[() => unknown, string]>([
    [
      () => new Conv1D(2, 7, { name: 'c' })(Input([5, 3])),
      "Conv1D \"c\": kernel 7 does not fit into its input [null, 5, 3] with padding 'valid'. Use padding 'same', a " +
        'smaller kernel, or fewer pooling layers before it.',
    ],
    [
      () => new Conv3D(2, [3, 1, 2], { dilationRate: [2, 1, 1], name: 'c' })(Input([4, 5, 6, 3])),
      'Conv3D "c": kernel 3×1×2 with dilation 2×1×1 does not fit into its input [null, 4, 5, 6, 3]',
    ],
    [() => new DepthwiseConv2D(4, { name: 'd' })(Input([3, 9, 2])), 'DepthwiseConv2D "d": kernel 4×4 does not fit'],
    [() => new SeparableConv1D(2, 4, { name: 's' })(Input([3, 2])), 'SeparableConv1D "s": kernel 4 does not fit'],
    [
      () => new MaxPooling3D(3, { name: 'p' })(Input([4, 2, 4, 1])),
      'MaxPooling3D "p": pool 3×3×3 does not fit into its input [null, 4, 2, 4, 1] with padding \'valid\'.',
    ],
    [
      () => new Conv1D(2, 3, { name: 'c' })(Input([5, 4, 3])),
      'Conv1D "c": expected an input [batch, steps, channels], received [null, 5, 4, 3].',
    ],
    [() => new Conv2D(2, 3, { name: 'c' })(Input([5, 4])), 'The channel axis is missing'],
    [
      () => new MaxPooling3D(2, { name: 'p' })(Input([5, 4, 3])),
      'expected an input [batch, depth, height, width, channels]',
    ],
    [() => new AdaptiveMaxPooling2D(2)(Input([5, 4])), 'expected an input [batch, height, width, channels]'],
    [() => new layers.GlobalMaxPooling1D()(Input([5, 4, 3])), 'expected an input [batch, steps, channels]'],
    [
      () => new Conv1DTranspose(2, 2, 2, 'same', 0, { name: 't' })(Input([5, 3])),
      'Conv1DTranspose "t": no convolution with a window of 2, stride 2 and padding "same" makes 5 of 8, which output ' +
        'padding 0 asks for',
    ],
  ])('%#: inputs that do not fit say what to do', (call, sentence) => {
    const error = thrown(call);
    expect(error.code).toBe('SHAPE_MISMATCH');
    expect(error.message).toContain(sentence);
  });

  test('channels stay what they were when the layer was built', () => {
    const layer = new Conv1D(2, 3);
    layer(ones([1, 5, 3]));
    expect(thrown(() => layer(ones([1, 5, 4]))).message).toContain(
      'the channels of the input and of the kernel differ',
    );
    expect(thrown(() => new Conv3D(2, 3, { groups: 2 })(ones([1, 3, 3, 3, 3])))).toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    expect(thrown(() => new Conv2D(2, 3)(Input([5, 5, null])))).toMatchObject({ code: 'NOT_BUILT' });
  });
});

test('sides may be unknown while a model is built', async () => {
  const sequence = Input([null, 2]);
  let x = new Conv1D(4, 3, { padding: 'causal' })(sequence);
  x = new MaxPooling1D(2)(x);
  x = new SeparableConv1D(3, 3, { padding: 'same' })(x);
  x = new Conv1DTranspose(2, 3, 2, 'same')(x);
  expect(x.shape).toEqual([null, null, 2]);
  const model = new Model({ inputs: sequence, outputs: new layers.GlobalAveragePooling1D()(x) });
  for (const steps of [5, 8]) expect((await model.predict(count([3, steps, 2]))).shape).toEqual([3, 2]);

  const volume = Input([null, 6, null, 1]);
  let v = new Conv3D(2, 2, { strides: 2, padding: 'same' })(volume);
  expect(v.shape).toEqual([null, null, 3, null, 2]);
  v = new layers.AveragePooling3D([1, 2, 1])(v);
  v = new Conv3DTranspose(1, 3, 2)(v);
  expect(v.shape).toEqual([null, null, 3, null, 1]);
  expect(new layers.AdaptiveAveragePooling3D([1, 2, 3])(v).shape).toEqual([null, 1, 2, 3, 1]);
  const shapes = new Model({ inputs: volume, outputs: v });
  expect((await shapes.predict(count([2, 5, 6, 4, 1]))).shape).toEqual([2, 7, 3, 5, 1]);
});

test('the other names of Keras are the same classes', () => {
  const both = {
    Convolution1D: Conv1D,
    Convolution2D: Conv2D,
    Convolution3D: Conv3D,
    Convolution1DTranspose: Conv1DTranspose,
    Convolution2DTranspose: Conv2DTranspose,
    Convolution3DTranspose: Conv3DTranspose,
    SeparableConvolution1D: SeparableConv1D,
    SeparableConvolution2D: SeparableConv2D,
    MaxPool1D: MaxPooling1D,
    MaxPool3D: MaxPooling3D,
    AvgPool1D: AveragePooling1D,
    AvgPool2D: layers.AveragePooling2D,
    AvgPool3D: layers.AveragePooling3D,
    GlobalMaxPool1D: layers.GlobalMaxPooling1D,
    GlobalMaxPool2D: layers.GlobalMaxPooling2D,
    GlobalMaxPool3D: layers.GlobalMaxPooling3D,
    GlobalAvgPool1D: layers.GlobalAveragePooling1D,
    GlobalAvgPool2D: layers.GlobalAveragePooling2D,
    GlobalAvgPool3D: layers.GlobalAveragePooling3D,
  };
  for (const [name, Class] of Object.entries(both)) expect((layers as Record<string, unknown>)[name]).toBe(Class);
});

test('constraints and penalties go to the weights that they are for', async () => {
  const layer = new SeparableConv2D(3, 2, {
    depthwiseConstraint: 'nonNeg',
    pointwiseConstraint: new constraints.MaxNorm(1),
    biasConstraint: 'nonNeg',
    depthwiseRegularizer: 'l2',
    pointwiseRegularizer: 'l1',
  });
  layer.build([null, 4, 4, 2]);
  expect(layer.weights.map(({ name, constraint }) => [name, constraint !== null])).toEqual([
    ['depthwise_kernel', true],
    ['pointwise_kernel', true],
    ['bias', true],
  ]);
  const below = await layer.depthwiseKernel.constraint!(tensor([-1, 2])).data();
  expect([...below].map(Math.abs)).toEqual([0, 2]);
  expect(layer.losses).toHaveLength(2);
  const again = SeparableConv2D.fromConfig<layers.SeparableConv2D>(layer.getConfig());
  expect(again.getConfig()).toEqual(layer.getConfig());
});

describe('ops', () => {
  const x = count([2, 5, 6, 4]);

  test('are those of the layers', async () => {
    const layer = new Conv2DTranspose(3, [2, 3], [2, 1], 'same', { useBias: false });
    const output = layer(x);
    const turned = ops.convTranspose(x, layer.kernel, { strides: [2, 1], padding: 'same' });
    expect(await output.equals(turned)).toBe(true);
    const separable = new SeparableConv2D(3, 2, { useBias: false, dilationRate: 2, depthMultiplier: 2 });
    separable.build(x.shape);
    const { depthwiseKernel, pointwiseKernel } = separable;
    const mixed = ops.separableConv(x, depthwiseKernel, pointwiseKernel, { dilationRate: 2 });
    expect(await separable(x).equals(mixed)).toBe(true);
    expect(await new AdaptiveMaxPooling2D(2)(x).equals(x.adaptiveMaxPool(2))).toBe(true);
    expect(await x.averagePool([2, 3], { strides: 1 }).equals(x.avgPool2d([2, 3], { strides: 1 }))).toBe(true);
    expect(await x.maxPool(2, { padding: 'same' }).equals(x.maxPool2d(2, { padding: 'same' }))).toBe(true);
  });

  test('of one kind are one op along one, two and three axes', async () => {
    const line = count([2, 7, 3]);
    const kernel = count([2, 3, 4]);
    const flat = ops.conv1d(line, kernel, { strides: 2, padding: 'same' });
    const image = ops.conv2d(line.expandDims(1), kernel.expandDims(0), { strides: [1, 2], padding: 'same' });
    const volume = ops.conv3d(line.expandDims([1, 2]), kernel.expandDims([0, 1]), {
      strides: [1, 1, 2],
      padding: [
        [0, 0],
        [0, 0],
        [0, 1],
      ],
    });
    expect(await flat.equals(image.squeeze(1))).toBe(true);
    expect(flat.shape).toEqual([2, 4, 4]);
    expect(await flat.equals(volume.squeeze([1, 2]))).toBe(true);
    expect(await flat.equals(ops.conv(line, kernel, { strides: 2, padding: [[0, 1]] }))).toBe(true);
  });

  test('say what they were given', () => {
    expect(thrown(() => ops.conv2d(count([2, 7, 3]), count([2, 3, 4]))).message).toBe(
      'conv2d: expected an input [batch, …, channels] with 2 axes between; received Tensor float32 [2, 7, 3].',
    );
    expect(thrown(() => ops.conv(count([7, 3]), count([7, 3]))).message).toContain('with one to three axes between');
    expect(
      thrown(() =>
        ops.conv1d(count([2, 7, 3]), count([2, 3, 4]), {
          padding: [
            [1, 1],
            [0, 0],
          ],
        }),
      ).message,
    ).toBe("conv1d: padding must be 'valid', 'same' or [[before, after]]; received [[1, 1], [0, 0]].");
    expect(thrown(() => ops.separableConv(x, count([2, 2, 4, 1]), count([1, 2, 4, 1]))).message).toContain(
      'expected a pointwise kernel whose window is 1 along each axis',
    );
    expect(thrown(() => ops.depthwiseConv(x, count([2, 2, 3, 1]))).message).toContain('the channels of the input');
  });
});
