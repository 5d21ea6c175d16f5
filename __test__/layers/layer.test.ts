import { inspect } from 'node:util';
import { type CallOptions, gradients, Layer, layers, type Shape, type Tensor, tensor, Variable, zeros } from 'fovea';
import { describe, expect, test } from 'vitest';

const { BatchNormalization, Conv2D, Dense, Dropout } = layers;

describe('a layer', () => {
  test('is a function that knows its class and name', () => {
    const layer = new Conv2D(2, 3, { name: 'edges' });
    expect(typeof layer).toBe('function');
    expect(layer).toBeInstanceOf(Conv2D);
    expect(layer).toBeInstanceOf(Layer);
    expect(Object.keys(layer)).not.toContain('length');
    expect(layer.name).toBe('edges');
    expect(`${layer}`).toBe('Conv2D "edges"');
    expect(inspect(layer)).toBe('Conv2D "edges"');
    expect(JSON.parse(JSON.stringify(layer))).toMatchObject({
      module: 'keras.layers',
      class_name: 'Conv2D',
      registered_name: null,
      config: { name: 'edges', kernel_size: [3, 3], use_bias: true },
    });
  });

  test('takes positional parameters, then options, or options alone', () => {
    const strided = { strides: [2, 2], padding: 'same' };
    expect({ ...new Conv2D(4, 3, 2, 'same') }).toMatchObject(strided);
    expect({ ...new Conv2D(4, 3, 2, { padding: 'same' }) }).toMatchObject(strided);
    expect({ ...new Conv2D(4, [3, 3], { strides: 2, padding: 'same' }) }).toMatchObject(strided);
    expect({ ...new Conv2D({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }) }).toMatchObject(strided);
    expect({ ...new Conv2D(4, 3, { strides: undefined, activation: undefined }) }).toMatchObject({ strides: [1, 1] });
  });

  test('learns in a loop of its own', async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
      [5, 7],
    ]).reshape([1, 3, 2, 1]);
    const edge = new Conv2D(1, [1, 2], { useBias: false, kernelInitializer: 'ones' });
    edge.build(x.shape);
    const y = tensor([-1, -1, -2]).reshape([1, 3, 1, 1]);
    const losses: number[] = [];
    for (let i = 0; i < 20; i++) {
      const loss = edge(x).sub(y).square();
      const dw = gradients(loss, edge.kernel);
      edge.kernel.assign(edge.kernel.sub(dw.mul(0.004)));
      losses.push(await loss.sum().item());
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  test('is built once', () => {
    const layer = new Dense(3);
    layer.build([null, 4]);
    const { kernel } = layer;
    layer.build([null, 4]);
    layer(zeros([2, 4]));
    expect(layer.kernel).toBe(kernel);
    expect(layer.weights).toHaveLength(2);
  });

  test('hands its training down', async () => {
    const seen: (boolean | undefined)[] = [];
    class Spy extends Layer {
      override call(x: Tensor, { training }: CallOptions): Tensor {
        seen.push(training);
        return x;
      }
    }
    class Outer extends Layer {
      spy = new Spy();
      override call(x: Tensor): Tensor {
        return this.spy(this.spy(x), { training: false });
      }
    }
    new Outer()(zeros([1]), { training: true });
    expect(seen).toEqual([true, false]);
  });

  test('is built by hand: for a shape, or without one if its build takes none', () => {
    class Bias extends Layer {
      bias!: Variable;
      override build() {
        this.bias = this.addWeight({ name: 'bias', shape: [1] });
      }
      override call(x: Tensor): Tensor {
        return x.add(this.bias);
      }
    }
    const bias = new Bias();
    bias.build();
    expect([bias.built, bias.countParams()]).toEqual([true, 1]);
    for (const shape of [undefined, null, 5, 'abc', [null, 'a']]) {
      expect(() => new Dense(1).build(shape as unknown as Shape)).toThrow(
        expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining("an input's shape must be") }),
      );
    }
  });

  test('freezes with its sublayers and thaws to what it was', () => {
    const layer = new BatchNormalization();
    layer.build([null, 3]);
    const names = () => layer.trainableVariables.map(({ name }) => name);
    expect(names()).toEqual(['gamma', 'beta']);
    layer.trainable = false;
    expect(names()).toEqual([]);
    expect(layer.weights.map(({ trainable }) => trainable)).toEqual([false, false, false, false]);
    layer.trainable = true;
    expect(names()).toEqual(['gamma', 'beta']);
  });

  test('adds losses anew in each call', async () => {
    class Penalised extends Layer {
      override call(x: Tensor): Tensor {
        this.addLoss(x.square().sum());
        return x;
      }
    }
    const layer = new Penalised();
    layer(tensor([1, 2]));
    layer(tensor([3]));
    expect(layer.losses).toHaveLength(1);
    expect(await layer.losses[0]!.item()).toBe(9);
  });

  test('numbers weights by what they hold', async () => {
    const layer = new Dense(2);
    layer(zeros([1, 3]));
    expect(layer.countParams()).toBe(8);
    layer.setWeights([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [7, 8],
    ]);
    expect(await layer.getWeights()[0]!.array()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const [snapshot] = layer.getWeights();
    layer.kernel.assign(0);
    expect(await snapshot!.array()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });
});

describe('Dropout', () => {
  const rate = 0.3;
  const x = zeros([200, 500]).add(1);
  const data = async (y: Tensor) => [...(await y.data())];

  test('drops that part and scales the rest', async () => {
    const kept = await data(new Dropout(rate, { seed: 3 })(x, { training: true }));
    const scaled = Math.fround(1 / (1 - rate));
    expect(new Set(kept)).toEqual(new Set([0, scaled]));
    // Five deviations of a binomial count.
    const dropped = kept.filter((value) => value === 0).length;
    expect(Math.abs(dropped - rate * kept.length)).toBeLessThan(5 * Math.sqrt(kept.length * rate * (1 - rate)));
  });

  test('draws anew each time, and the same with the same seed', async () => {
    const [a, b] = [new Dropout(rate, { seed: 3 }), new Dropout(rate, { seed: 3 })];
    const first = await data(a(x, { training: true }));
    expect(await data(b(x, { training: true }))).toEqual(first);
    expect(await data(a(x, { training: true }))).not.toEqual(first);
    expect(a.variables).toHaveLength(1);
    expect(a.weights).toEqual([]);
  });

  test('its gradient passes where the value passed', async () => {
    const v = new Variable({ initial: x });
    const y = new Dropout(rate, { seed: 3 })(v, { training: true });
    expect(await data(gradients(y, v))).toEqual(await data(y));
  });

  test('a noise shape makes values share one fate', async () => {
    const y = await new Dropout(0.5, { noiseShape: [null, 1], seed: 1 })(x, { training: true }).array<number[][]>();
    expect(y.every((row) => new Set(row).size === 1)).toBe(true);
    expect(new Set(y.map((row) => row[0])).size).toBe(2);
  });

  test('rate 1 leaves nothing', async () => {
    expect(new Set(await data(new Dropout(1)(x, { training: true })))).toEqual(new Set([0]));
  });
});
