import {
  config,
  DTypePolicy,
  gradients,
  Input,
  Layer,
  type layers,
  Model,
  mixedPrecision,
  ones,
  Sequential,
  setSeed,
  type Tensor,
  tensor,
  type Variable,
} from 'fovea';
import {
  Add,
  AlphaDropout,
  AveragePooling2D,
  BatchNormalization,
  Conv2D,
  Conv2DTranspose,
  Dense,
  DepthwiseConv2D,
  Dropout,
  Flatten,
  GaussianNoise,
  GlobalAveragePooling2D,
  GroupNormalization,
  LayerNormalization,
  LeakyReLU,
  MaxPooling2D,
  PReLU,
  RandomFlip,
  RandomRotation,
  ReLU,
  Rescaling,
  Resizing,
  RMSNormalization,
  SeparableConv2D,
  Softmax,
  UpSampling2D,
} from 'fovea/layers';
import { SparseCategoricalCrossentropy } from 'fovea/losses';
import { Adam } from 'fovea/optimizers';
import { afterEach, describe, expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import recorded from '../recordings/mixed.json' with { type: 'json' };
import { numbers, type Recorded, restore } from './recordings.ts';

afterEach(() => config.setDtypePolicy('float32'));

/** The network of recorder/mixed.py. */
function network(policy: 'float32' | 'mixedBfloat16'): Model<Tensor, Tensor> {
  clearNames();
  config.setDtypePolicy(policy);
  const image = Input([12, 12, 3], { dtype: 'uint8' });
  let x = new Rescaling(1 / 255)(image);
  x = new Conv2D(8, 3, { padding: 'same', activation: 'relu' })(x);
  x = new MaxPooling2D(2)(x);
  const shortcut = x;
  x = new Conv2D(8, 3, { padding: 'same', useBias: false })(x);
  x = new BatchNormalization()(x);
  x = new ReLU()(x);
  x = new DepthwiseConv2D(3, { padding: 'same' })(x);
  x = new LayerNormalization()(x);
  x = new Add()([x, shortcut]);
  x = new AveragePooling2D(3, { strides: 2, padding: 'same' })(x);
  x = new Dropout(0.5)(x);
  x = new GlobalAveragePooling2D()(x);
  x = new Dense(16, { activation: 'gelu' })(x);
  x = new Dense(5)(x);
  x = new Softmax({ dtype: 'float32' })(x);
  const model = new Model(image, x);
  model.setWeights(recorded.weights.map((weight) => restore(weight as Recorded)));
  return model;
}

const pixels = restore(recorded.pixels as Recorded).cast('uint8');
const labels = restore(recorded.labels as Recorded);
const length = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));
const distance = (x: ArrayLike<number>, y: ArrayLike<number>): number => length(Array.from(x, (v, i) => v - y[i]!));
const greatest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));

/** What a layer is given, by its place: Keras's own numbers, of the dtype that they had. */
function inputsOf(index: number): Tensor | Tensor[] {
  const output = (i: number) => {
    const { output, outputDtype } = recorded.layers[i]!;
    return restore(output as Recorded).cast(outputDtype as 'float32');
  };
  const names = recorded.layers.map(({ name }) => name);
  return names[index] === 'add' ? [output(index - 1), output(names.indexOf('max_pooling2d'))] : output(index - 1);
}

describe('mixedBfloat16 is what it is in Keras', () => {
  test('policies, dtypes of outputs and weights, configs', async () => {
    const model = network('mixedBfloat16');
    const [, ...made] = model.layers.map((layer) => ({
      name: layer.name,
      computeDtype: layer.computeDtype,
      variableDtype: layer.variableDtype,
      weights: layer.weights.map(({ dtype }) => dtype),
      outputDtype: layer.output.dtype,
      dtype: (layer.toJSON() as { config: { dtype: unknown } }).config.dtype,
    }));
    const [, ...wanted] = recorded.layers.map(({ output: _, exact: __, ...layer }) => layer);
    expect(made).toEqual(wanted);
    expect((await model.predict(pixels)).dtype).toBe('float32');
  });

  // Of the same numbers each layer makes what it makes in float32 but for rounding: of its output, and of what it adds
  // a bias to. It strays no further than Keras, some of whose ops sum up in bfloat16.
  const places = recorded.layers.map((_, index) => index).slice(1);
  test.each(places.map((index) => [recorded.layers[index]!.name, index] as const))('%s', async (_, index) => {
    const layer = network('mixedBfloat16').layers[index]!;
    const [keras, exact] = [recorded.layers[index]!.output, recorded.layers[index]!.exact].map((x) =>
      numbers(x as Recorded),
    ) as [Float32Array, Float32Array];
    const output = await (layer(inputsOf(index)) as Tensor).data();
    const most = greatest(exact);
    for (const [i, value] of exact.entries())
      expect(Math.abs(output[i]! - value)).toBeLessThanOrEqual(2 ** -8 * (Math.abs(value) + most));
    expect(distance(exact, output)).toBeLessThanOrEqual(1.1 * distance(exact, keras) + 1e-5 * length(exact));
  });

  test('batch normalization computes statistics in float32', async () => {
    const names = recorded.layers.map(({ name }) => name);
    const index = names.indexOf('batch_normalization');
    const layer = network('mixedBfloat16').layers[index] as layers.BatchNormalization;
    const output = layer(inputsOf(index) as Tensor, { training: true });
    const wanted = numbers(recorded.normalizedInTraining as Recorded);
    expect(output.dtype).toBe('bfloat16');
    const data = await output.data();
    for (const [i, value] of wanted.entries())
      expect(Math.abs(data[i]! - value)).toBeLessThanOrEqual(2 ** -7 * Math.abs(value) + 1e-5);
    for (const [i, variable] of [layer.movingMean, layer.movingVariance].entries()) {
      const kept = await variable.data();
      const moved = numbers(recorded.statistics[i] as Recorded);
      for (const [j, value] of moved.entries()) expect(Math.abs(kept[j]! - value)).toBeLessThanOrEqual(1e-6);
    }
  });

  // Rounding on the way makes gradients what they are: Fovea's are as near to those of float32 as Keras's.
  test('the loss and its gradients', async () => {
    const [exact, mixed] = await Promise.all(
      (['float32', 'mixedBfloat16'] as const).map(async (policy) => {
        const model = network(policy);
        const loss = new SparseCategoricalCrossentropy()(labels, model(pixels));
        const found = gradients(loss, model.trainableVariables);
        expect(found.map(({ dtype }) => dtype)).toEqual(found.map(() => 'float32'));
        return { loss: await loss.item(), gradients: await Promise.all(found.map((g) => g.data())) };
      }),
    );
    expect(Math.abs(exact!.loss - recorded.float32.loss)).toBeLessThan(1e-5);
    const off = Math.abs(recorded.mixed.loss - recorded.float32.loss);
    expect(Math.abs(mixed!.loss - recorded.mixed.loss)).toBeLessThan(Math.max(off, 2 ** -8));
    for (const [k, ours] of mixed!.gradients.entries()) {
      const precise = numbers(recorded.float32.gradients[k] as Recorded);
      const keras = numbers(recorded.mixed.gradients[k] as Recorded);
      expect(distance(precise, ours)).toBeLessThanOrEqual(1.1 * distance(precise, keras) + 2 ** -9 * length(precise));
    }
  });
});

describe('policies', () => {
  test('the global one is that of layers made without a dtype', () => {
    expect(config.dtypePolicy().name).toBe('float32');
    mixedPrecision.setGlobalPolicy('mixedBfloat16');
    expect(config.dtypePolicy().name).toBe('mixedBfloat16');
    expect(new DTypePolicy().computeDtype).toBe('bfloat16');
    const [dense, precise] = [new Dense(2), new Dense(2, { dtype: 'float32' })];
    config.setDtypePolicy('float32');
    expect([dense.dtypePolicy.name, precise.dtypePolicy.name]).toEqual(['mixedBfloat16', 'float32']);
    expect(dense(ones([1, 3])).dtype).toBe('bfloat16');
    expect(precise(ones([1, 3]).cast('bfloat16')).dtype).toBe('float32');
  });

  test('a config makes an equal layer', () => {
    const dense = new Dense(2, { dtype: new DTypePolicy('mixedBfloat16') });
    const again = Dense.fromConfig(dense.getConfig());
    expect(again.dtypePolicy).toEqual(dense.dtypePolicy);
    expect(DTypePolicy.fromConfig(dense.dtypePolicy.getConfig())).toEqual(dense.dtypePolicy);
  });

  test('names that are none are refused, with the one that was meant', () => {
    expect(() => config.setDtypePolicy('mixed_bfloat16' as 'mixedBfloat16')).toThrow("Did you mean 'mixedBfloat16'?");
    expect(() => new Dense(2, { dtype: 'mixedFloat16' as 'float32' })).toThrow(/^Dense: dtype must be one of/);
  });

  test('a layer of mixed precision reads float weights as bfloat16, but those that say otherwise', () => {
    const seen: string[] = [];
    class Scale extends Layer {
      scale!: Variable;
      shift!: Variable;
      inner = new Dense(3, { dtype: 'float32' });
      override build() {
        this.scale = this.addWeight({ name: 'scale', shape: [], initializer: 'ones' });
        this.shift = this.addWeight({ name: 'shift', shape: [], initializer: 'zeros', autocast: false });
      }
      override call(x: Tensor) {
        seen.push(x.dtype, this.scale.dtype, x.mul(this.scale).dtype, x.add(this.shift).dtype, this.inner(x).dtype);
        return x.mul(this.scale);
      }
    }
    const layer = new Scale({ dtype: 'mixedBfloat16' });
    expect(layer(ones([2, 3])).dtype).toBe('bfloat16');
    expect(seen.slice(0, 5)).toEqual(['bfloat16', 'bfloat16', 'bfloat16', 'float32', 'float32']);
    expect(layer.scale.dtype).toBe('float32');
    layer(tensor([[1, 2, 3]], { dtype: 'int32' }));
    expect(seen.at(-5)).toBe('int32');
  });

  test.each([
    ['dropout', new Dropout(0.5, { dtype: 'mixedBfloat16' })],
    ['noise', new GaussianNoise(0.5, { dtype: 'mixedBfloat16' })],
    ['alpha dropout', new AlphaDropout(0.5, { dtype: 'mixedBfloat16' })],
    ['group normalization', new GroupNormalization(2, { dtype: 'mixedBfloat16' })],
    ['rms normalization', new RMSNormalization({ dtype: 'mixedBfloat16' })],
    ['random flip', new RandomFlip({ dtype: 'mixedBfloat16' })],
    ['random rotation', new RandomRotation(0.2, { dtype: 'mixedBfloat16' })],
    ['resizing', new Resizing(3, 3, { dtype: 'mixedBfloat16' })],
    ['separable convolution', new SeparableConv2D(3, 2, { dtype: 'mixedBfloat16' })],
    ['transposed convolution', new Conv2DTranspose(3, 2, { dtype: 'mixedBfloat16' })],
    ['upsampling', new UpSampling2D(2, 'bilinear', { dtype: 'mixedBfloat16' })],
    ['leaky ReLU', new LeakyReLU({ dtype: 'mixedBfloat16' })],
    ['PReLU', new PReLU({ dtype: 'mixedBfloat16' })],
  ] as [string, layers.Layer][])('%s gives bfloat16 in training', async (_, layer) => {
    const output = layer(ones([2, 4, 4, 4]), { training: true }) as Tensor;
    expect(output.dtype).toBe('bfloat16');
    expect((await output.data()).every(Number.isFinite)).toBe(true);
  });

  test('a sequential model without Input takes data in the dtype of its first layer', () => {
    const model = new Sequential([new Dense(3, { dtype: 'mixedBfloat16' })]);
    model.build([null, 2]);
    expect(model.inputs[0]!.dtype).toBe('bfloat16');
  });
});

describe('training under mixedBfloat16', () => {
  /** Images of bars: two classes, one across and one down, in noise. */
  function bars(count: number): { x: Tensor; y: Tensor } {
    const y = Array.from({ length: count }, (_, i) => i % 2);
    const x = y.map((down, i) =>
      Array.from({ length: 64 }, (_, p) => {
        const place = (i * 5) % 8;
        const on = down ? p % 8 === place : Math.floor(p / 8) === place;
        return (on ? 1 : 0) + Math.sin(i * 64 + p) * 0.3;
      }),
    );
    return { x: tensor(x).reshape([count, 8, 8, 1]), y: tensor(y, { dtype: 'int32' }) };
  }

  test('a network learns what it learns in float32; its weights stay float32, and another takes them', async () => {
    const train = bars(256);
    const test = bars(64);
    for (const policy of ['float32', 'mixedBfloat16'] as const) {
      config.setDtypePolicy(policy);
      const make = () =>
        new Sequential([
          Input([8, 8, 1]),
          new Conv2D(8, 3, { activation: 'relu' }),
          new BatchNormalization({ momentum: 0.8 }),
          new MaxPooling2D(2),
          new Flatten(),
          new Dense(2, { activation: 'softmax' }),
        ]);
      setSeed(3);
      const [model, other] = [make(), make()];
      model.compile({ optimizer: new Adam(0.01), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      await model.fit(train, { batchSize: 32, epochs: 8, verbose: 0 });
      expect((await model.evaluate(test, { verbose: 0 })).accuracy).toBe(1);
      expect(model.weights.every(({ dtype }) => dtype === 'float32')).toBe(true);
      expect(model.optimizer.variables.some(({ dtype }) => dtype === 'bfloat16')).toBe(false);
      other.setWeights(model.getWeights());
      expect(await (await other.predict(test.x)).equals(await model.predict(test.x))).toBe(true);
    }
  });
});
