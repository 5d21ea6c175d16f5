import { gradients, Input, layers, Model, ones, Sequential, type Shape, type Tensor, tensor } from 'fovea';
import { describe, expect, test, vi } from 'vitest';
import { type Mask, maskOf } from '../../ts/layers/mask.ts';

const {
  Activation,
  Concatenate,
  Conv2D,
  Dense,
  Embedding,
  Flatten,
  Identity,
  Lambda,
  Layer,
  Masking,
  TimeDistributed,
} = layers;

const steps = tensor([
  [
    [1, 2],
    [0, 0],
    [3, 0],
  ],
  [
    [0, 0],
    [0, 0],
    [5, 6],
  ],
]);
const kept = [
  [true, false, true],
  [false, false, true],
];

/** Notes the masks that reach it. */
class Probe extends Layer {
  static readonly seen: Mask[] = [];
  override readonly supportsMasking = true;
  override call(x: Tensor, { mask }: layers.CallOptions): Tensor {
    Probe.seen.push(mask ?? null);
    return x;
  }
}

const lastSeen = (): Tensor => Probe.seen.at(-1) as Tensor;

describe('masks', () => {
  test('go through layers that support them, and into call', async () => {
    const y = new Probe()(new Dense(3)(new Activation('relu')(new Masking()(steps))));
    expect(await lastSeen().array()).toEqual(kept);
    expect(await maskOf(y)!.array()).toEqual(kept);
  });

  test('end, with one warning, at a layer that does not support them', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const flat = new Flatten();
    for (let i = 0; i < 2; i++) expect(maskOf(flat(new Masking()(steps)))).toBeNull();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain('Flatten');
    warn.mockRestore();
  });

  test('go through functional models, nested ones too, and Sequential', async () => {
    const inner = new Sequential([Input([3, 2]), new Dense(2), new Activation('tanh')]);
    const x = Input([3, 2]);
    const model = new Model(x, new Probe()(inner(new Masking()(x))));
    expect(await maskOf(model(steps))!.array()).toEqual(kept);
    expect(await lastSeen().array()).toEqual(kept);
    const again = Model.fromConfig(new Model(x, inner(new Masking()(x))).getConfig());
    expect(await maskOf(again(steps) as Tensor)!.array()).toEqual(kept);
    // The model casts its input; the mask stays.
    const numbers = new Masking()(steps);
    const whole = new Model(x, new Identity()(x));
    expect(await maskOf(whole(numbers) as Tensor)!.array()).toEqual(kept);
  });

  test('can be given, in a functional model too', async () => {
    const mask = tensor(kept.flat().map(Number), { shape: [2, 3] }).cast('bool');
    const y = new TimeDistributed(new Dense(2))(steps, { mask });
    expect(await maskOf(y)!.array()).toEqual(kept);
    const [x, m] = [Input([3]), Input({ shape: [3], dtype: 'bool' })];
    const softmax = new layers.Softmax();
    const model = new Model([x, m], softmax(x, { mask: m }));
    const given = ones([2, 3]);
    const [first] = await (model([given, mask]) as Tensor).array<number[][]>();
    expect(first).toEqual([0.5, 0, 0.5]);
    const again = Model.fromConfig(model.getConfig());
    expect(await (again([given, mask]) as Tensor).equals(model([given, mask]) as Tensor)).toBe(true);
  });

  test('of an embedding reach the loss and the metrics of fit', async () => {
    const tokens = tensor([1, 2, 0, 3, 0, 0], { shape: [2, 3], dtype: 'int32' });
    const model = new Sequential([
      Input({ shape: [3], dtype: 'int32' }),
      new Embedding(4, 2, { maskZero: true }),
      new Dense(1),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    const y = tensor([1, 2, 100, 3, 100, 100], { shape: [2, 3, 1] });
    const yPred = model(tokens);
    const off = (await yPred.sub(y).array<number[][][]>()).flat().flat();
    const counted = [0, 1, 3].map((index) => off[index]!);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const { loss, meanAbsoluteError } = await model.evaluate({ x: tokens, y }, { verbose: 0 });
    expect(loss).toBeCloseTo(mean(counted.map((value) => value ** 2)), 4);
    expect(meanAbsoluteError).toBeGreaterThan(0);
    expect(meanAbsoluteError).toBeLessThan(10);
    await model.fit({ x: tokens, y }, { epochs: 1, verbose: 0 });
  });

  test('are what computeMask says', async () => {
    class Every extends Layer {
      override call(x: Tensor): Tensor {
        return x.slice([0, 0], [null, 2]);
      }
      override computeMask(_x: Tensor, mask: Mask): Mask {
        return (mask as Tensor).slice([0, 0], [null, 2]);
      }
    }
    const y = new Every()(new Masking()(steps));
    expect(await maskOf(y)!.array()).toEqual(kept.map((row) => row.slice(0, 2)));
    const lambda = new Lambda((x: Tensor) => x.mul(2), {
      mask: (_x: Tensor, mask: Mask) => (mask as Tensor).logicalNot(),
    });
    const flipped = maskOf(lambda(new Masking()(steps)) as Tensor)!;
    expect(await flipped.array()).toEqual(kept.map((row) => row.map((value) => !value)));
    const both = new Concatenate().computeMask([y, y], [maskOf(y), null]);
    expect(await (both as Tensor).array()).toEqual([
      [true, true],
      [true, true],
    ]);
  });
});

describe('layers in models whose sides are unknown', () => {
  const build = (shape: Shape, layer: layers.Layer): Shape => layer(Input(shape)).shape;

  test('keep what is known', () => {
    expect(build([null, null, 3], new layers.UpSampling2D())).toEqual([null, null, null, 3]);
    expect(build([null, 4, 3], new layers.UpSampling2D([2, 3]))).toEqual([null, null, 12, 3]);
    expect(build([null, 3], new layers.Cropping1D(1))).toEqual([null, null, 3]);
    expect(build([null, null, 3], new layers.ZeroPadding2D())).toEqual([null, null, null, 3]);
    expect(build([null, null, 6], new layers.GroupNormalization(2))).toEqual([null, null, null, 6]);
    expect(build([null, 5, 5, 1], new TimeDistributed(new Conv2D(2, 3)))).toEqual([null, null, 3, 3, 2]);
    expect(build([null, 3], new layers.SpatialDropout1D(0.5))).toEqual([null, null, 3]);
    expect(build([null, 3], new layers.EinsumDense('abc,cd->abd', [null, 4]))).toEqual([null, null, 4]);
    expect(build([null, null, 2], new Flatten())).toEqual([null, null]);
    expect(build([null, 4], new layers.Permute([2, 1]))).toEqual([null, 4, null]);
    const [x, y] = [Input([null, 4]), Input([4])];
    expect(new layers.Add()([x, y]).shape).toEqual([null, null, 4]);
  });

  test('compute with any', async () => {
    const x = Input([null, null, 2]);
    const up = new layers.UpSampling2D()(x);
    const model = new Model(x, new layers.GroupNormalization(1)(up));
    expect((await model.predict(ones([1, 2, 3, 2]), { verbose: 0 })).shape).toEqual([1, 4, 6, 2]);
    expect((await model.predict(ones([2, 1, 1, 2]), { verbose: 0 })).shape).toEqual([2, 2, 2, 2]);
  });
});

describe('wrong arguments', () => {
  const wrong: [string, () => unknown, string][] = [
    ['merging one tensor', () => new layers.Add()(ones([2, 3]) as never), 'list'],
    ['different batches', () => new layers.Add()([ones([2, 3]), ones([3, 3])]), 'different sizes'],
    ['subtracting three', () => new layers.Subtract()([ones([1]), ones([1]), ones([1])]), 'two'],
    ['dot of sides that differ', () => new layers.Dot(1)([ones([2, 3]), ones([2, 4])]), 'one length'],
    ['dot along the batch', () => new layers.Dot(0), ''],
    ['nothing left', () => new layers.Cropping1D(2)(ones([1, 4, 1])), 'nothing would be left'],
    ['a negative cropping', () => new layers.Cropping2D(-1), 'none below 0'],
    ['dims that are no order', () => new layers.Permute([1, 3]), 'dims'],
    ['n of 0', () => new layers.RepeatVector(0), 'n must'],
    ['a size of 0', () => new layers.UpSampling2D(0), 'size'],
    ['a noise too strong', () => new layers.GaussianNoise(1.5), 'from 0 to 1'],
    ['groups that do not fit', () => new layers.GroupNormalization(4)(ones([1, 6])), '4 groups'],
    ['an axis that is not there', () => new layers.LayerNormalization(3)(ones([1, 6])), 'axis 3'],
    ['a negative slope', () => new layers.LeakyReLU(-1), 'negativeSlope'],
    ['no layer to wrap', () => new TimeDistributed(3 as never), 'layer'],
    ['a class to wrap', () => new TimeDistributed(Dense as never), 'new Dense'],
    ['no steps', () => new TimeDistributed(new Dense(1))(ones([2, 3])), 'steps'],
    ['nothing to normalize', () => new layers.SpectralNormalization(new Flatten())(ones([2, 3])), 'kernel'],
    ['no function', () => new Lambda({} as never), 'function'],
    ['an equation of two arrows', () => new layers.EinsumDense('a->b->c', 3), 'equation'],
    ['an equation that does not fit', () => new layers.EinsumDense('abc,cd->abd', 4)(ones([2, 3, 5])), 'outputShape'],
    ['no whole embedding', () => new Embedding(0, 2), 'inputDim'],
    ['a misspelt option', () => new layers.PReLU({ shareAxes: 1 } as never), 'sharedAxes'],
    [
      'a bound below the other',
      () => new layers.BatchNormalization({ renorm: true, renormClipping: { rmin: 2, rmax: 1 } }),
      'rmax',
    ],
  ];
  test.each(wrong.filter(([, , part]) => part !== ''))('%s', (_name, fn, part) => {
    expect(fn).toThrowError(expect.objectContaining({ name: 'FoveaError', message: expect.stringContaining(part) }));
  });
});

describe('other', () => {
  test('merging layers as functions', async () => {
    const [x, y] = [ones([2, 3]).mul(4), ones([2, 3]).mul(2)];
    const of = async (z: Tensor) => (await z.data())[0];
    const { add, subtract, multiply, average, maximum, minimum, dot, concatenate } = layers;
    const results = [add, subtract, multiply, average, maximum, minimum].map((merge) => of(merge([x, y])));
    expect(await Promise.all(results)).toEqual([6, 2, 8, 3, 4, 2]);
    expect(await of(dot([x, y]))).toBe(24);
    expect(await of(dot([x, y], { axes: 1, normalize: true }))).toBeCloseTo(1, 5);
    expect(concatenate([x, y], { axis: 0 }).shape).toEqual([4, 3]);
  });

  test('a Lambda keeps its function in its config, and none comes from a file', async () => {
    const layer = new Lambda((x: Tensor, { factor }) => x.mul(factor), { arguments: { factor: 3 } });
    const again = Lambda.fromConfig(layer.getConfig());
    expect(await (again(ones([1])) as Tensor).item()).toBe(3);
    const file = JSON.parse(JSON.stringify(layer.getConfig()));
    expect(() => Lambda.fromConfig(file)).toThrowError(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('an Embedding begins with given vectors', async () => {
    const layer = new Embedding(2, 2, { weights: [tensor([1, 2, 3, 4], { shape: [2, 2] })], trainable: false });
    expect(await layer(tensor([1, 0], { dtype: 'int32' })).array()).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(layer.trainableVariables).toEqual([]);
  });

  test('a wrapped layer trains', () => {
    const layer = new TimeDistributed(new Dense(2));
    const loss = layer(ones([2, 3, 4])).sum();
    expect(gradients(loss, layer.trainableVariables).map(({ shape }) => shape)).toEqual([[4, 2], [2]]);
    expect(layer.weights.map(({ path }) => path)).toEqual([`${layer.layer.name}/kernel`, `${layer.layer.name}/bias`]);
  });

  test('constraints stand on the weights', async () => {
    const layer = new Dense(2, { kernelConstraint: 'nonNeg', biasConstraint: (b: Tensor) => b.mul(0) });
    layer.build([null, 2]);
    expect(await layer.kernel.constraint!(tensor([-1, 2])).array()).toEqual([0, 2]);
    expect(await layer.bias!.constraint!(tensor([-1, 2])).array()).toEqual([-0, 0]);
  });
});
