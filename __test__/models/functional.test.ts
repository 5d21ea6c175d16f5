import {
  type CallOptions,
  Input,
  Layer,
  layers,
  Model,
  ops,
  registerSerializable,
  Sequential,
  setSeed,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from 'fovea';
import { describe, expect, test } from 'vitest';
import { branched, mnist, nested, normalized, several, shared } from './networks.ts';

const { Dense, Dropout, Flatten } = layers;
const values = async (x: Tensor) => [...(await x.data())];

/** The same inputs, the same outputs, after the weights went from one model to the other. */
async function expectSame(a: Model, b: Model, x: unknown): Promise<void> {
  b.setWeights(a.getWeights());
  const flat = (y: unknown) => (Array.isArray(y) ? y : [y]) as Tensor[];
  const [left, right] = [flat(a(x)), flat(b(x))];
  expect(left).toHaveLength(right.length);
  for (const [index, y] of left.entries()) expect(await values(y)).toEqual(await values(right[index]!));
}

describe('a functional model', () => {
  test('replays its layers with the real training', async () => {
    const inputs = Input([64]);
    const model = new Model({ inputs, outputs: new Dropout(0.5, { seed: 1 })(inputs) });
    const x = zeros([8, 64]).add(1);
    expect(await values(model(x))).toEqual(await values(x));
    expect(new Set(await values(model(x, { training: true })))).toEqual(new Set([0, 2]));
  });

  test('an explicit training of a layer call wins', async () => {
    const inputs = Input([64]);
    const model = new Model({ inputs, outputs: new Dropout(0.5)(inputs, { training: true }) });
    expect(new Set(await values(model(zeros([8, 64]).add(1), { training: false })))).toEqual(new Set([0, 2]));
  });

  test('takes records of inputs and gives records of outputs', async () => {
    const [a, b] = [Input([2]), Input([2])];
    const model = new Model({ inputs: { a, b }, outputs: { sum: a.add(b), difference: a.sub(b) } });
    const { sum, difference } = model({ b: tensor([[1, 2]]), a: tensor([[10, 20]]) });
    expect(await values(sum)).toEqual([11, 22]);
    expect(await values(difference)).toEqual([9, 18]);
    expect(model.inputNames).toEqual(['a', 'b']);
    expect(model.outputNames).toEqual(['difference', 'sum']);
    expect(() => model({ a: tensor([[1, 2]]) } as never)).toThrow("input 'b' is missing");
  });

  test('names outputs after the layers that make them', () => {
    expect(several().outputNames).toEqual(['digit', 'even']);
    expect(several().inputNames).toEqual(['image', 'extra']);
  });

  test('bare ops are layers; a variable among their operands is read at each replay', async () => {
    const x = Input([2]);
    const gain = new Variable({ initial: tensor([2, 3]) });
    const model = new Model(x, ops.relu(x.sub(1)).mul(gain));
    expect(await values(model(tensor([[0, 5]])))).toEqual([0, 12]);
    gain.assign(tensor([1, 1]));
    expect(await values(model(tensor([[0, 5]])))).toEqual([0, 4]);
    expect(model.layers.map((layer) => layer.constructor.name)).toEqual([
      'InputLayer',
      'OpLayer',
      'OpLayer',
      'OpLayer',
    ]);
  });

  test('shows every activation', async () => {
    const model = mnist();
    const inside = new Model(
      model.input,
      model.layers.map((layer) => layer.output),
    );
    const outputs: Tensor[] = inside(zeros([1, 28, 28, 1]));
    expect(outputs.map(({ shape }) => shape.length)).toEqual([4, 4, 4, 4, 4, 2, 2, 2, 2]);
    expect(await values(outputs.at(-1)!)).toEqual(await values(model(zeros([1, 28, 28, 1]))));
  });

  test('output throws where a layer has several', () => {
    const model = shared();
    const both = model.getLayer('both');
    expect(both.outputs).toHaveLength(2);
    expect(() => both.output).toThrow('Dense "both" has 2 outputs: use `outputs`.');
  });

  test('getLayer finds by name and index, and narrows', () => {
    const model = mnist();
    expect(model.getLayer(1, layers.Conv2D).filters).toBe(32);
    expect(model.getLayer(-1).name).toBe(model.layers.at(-1)!.name);
    expect(() => model.getLayer('conv')).toThrow("has no layer 'conv'");
    expect(() => model.getLayer(1, Dense)).toThrow('not a Dense');
  });

  test.each([
    ['mnist', mnist, () => zeros([2, 28, 28, 1]).add(0.5)],
    ['branched', branched, () => zeros([2, 16, 16, 3]).add(0.5)],
    ['several', several, () => [zeros([2, 8, 8, 1]).add(0.5), zeros([2, 4]).add(1)]],
    ['shared', shared, () => [zeros([2, 6]).add(0.5), zeros([2, 6]).add(1)]],
    ['normalized', normalized, () => zeros([2, 28, 28, 1]).add(0.5)],
  ])('%s comes back from its config', async (_name, make, x) => {
    const model = make() as Model;
    const config = JSON.parse(JSON.stringify(model.getConfig())) as object;
    await expectSame(model, Model.fromConfig<Model>(config), x());
  });

  test('with models and bare ops inside too', async () => {
    const x = Input([12]);
    const model = new Model(
      x,
      new Dense(3)(
        nested()(x)
          .mul(2)
          .add(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])),
      ),
    );
    const config = JSON.parse(JSON.stringify(model.getConfig())) as object;
    await expectSame(model, Model.fromConfig<Model>(config), zeros([2, 12]).add(0.5));
  });
});

test('the same seed makes the same weights and masks', async () => {
  const run = async (seed: number) => {
    setSeed(seed);
    const model = mnist();
    const y = model(zeros([1, 28, 28, 1]).add(1), { training: true });
    return [...(await Promise.all(model.getWeights().map(values))), await values(y)];
  };
  const first = await run(5);
  expect(await run(5)).toEqual(first);
  expect(await run(6)).not.toEqual(first);
});

test('a model that was disposed of cannot be used', () => {
  const model = several();
  model.dispose();
  expect(() => model([zeros([1, 8, 8, 1]), zeros([1, 4])])).toThrow('disposed');
});

describe('a sequential model', () => {
  test('is built by an Input, by inputShape, by add, or by its first data', async () => {
    const stack = () => [new Flatten(), new Dense(3, { kernelInitializer: 'ones' })];
    const [flatten, dense] = stack();
    const models = [
      new Sequential([Input([2, 2]), ...stack()]),
      new Sequential([new Flatten({ inputShape: [2, 2] }), new Dense(3, { kernelInitializer: 'ones' })]),
      new Sequential()
        .add(Input([2, 2]))
        .add(flatten!)
        .add(dense!),
      new Sequential(stack()),
    ];
    expect(models.map(({ built }) => built)).toEqual([true, true, true, false]);
    for (const model of models) {
      expect(
        await values(
          model(
            tensor([
              [
                [1, 2],
                [3, 4],
              ],
            ]),
          ),
        ),
      ).toEqual([10, 10, 10]);
      expect(model.built).toBe(true);
      expect(model(zeros([5, 2, 2])).shape).toEqual([5, 3]);
      expect(model.layers).toHaveLength(2);
    }
  });

  test('comes back from its config, nested ones too', async () => {
    const model = nested();
    const config = JSON.parse(JSON.stringify(model.getConfig())) as object;
    await expectSame(model, Sequential.fromConfig<Sequential>(config), zeros([2, 12]).add(0.5));
  });

  test('loses its last layer to pop', () => {
    const model = new Sequential([Input([4]), new Dense(3), new Dense(2)]);
    expect(model.pop()).toBeInstanceOf(Dense);
    expect(model(zeros([1, 4])).shape).toEqual([1, 3]);
  });
});

describe('a subclassed model', () => {
  class Gain extends Layer {
    gain!: Variable;

    override build(inputShape: readonly (number | null)[]): void {
      this.gain = this.addWeight({ name: 'gain', shape: [inputShape.at(-1)], initializer: 'ones' });
    }

    override call(x: Tensor, { training }: CallOptions): Tensor {
      return training ? x.mul(this.gain) : x;
    }
  }

  test('finds its sublayers in fields, arrays, private fields and closures', () => {
    const outside = new Dense(2);
    class Net extends Model {
      first = new Dense(3);
      blocks = [new Dense(4), { inner: new Dense(5) }] as const;
      readonly #hidden = new Gain();

      override call(x: Tensor): Tensor {
        const [a, { inner }] = this.blocks;
        return outside(this.#hidden(inner(a(this.first(x)))));
      }
    }
    const net = new Net();
    expect(net.layers.map((layer) => (layer instanceof Dense ? layer.units : 'gain'))).toEqual([3, 4, 5]);
    net(zeros([1, 6]));
    expect(net.layers.map((layer) => (layer instanceof Dense ? layer.units : 'gain'))).toEqual([3, 4, 5, 'gain', 2]);
    expect(net.weights).toHaveLength(9);
    expect(net.countParams()).toBe(6 * 3 + 3 + 3 * 4 + 4 + 4 * 5 + 5 + 5 + 5 * 2 + 2);
    net.trainable = false;
    expect(net.trainableVariables).toEqual([]);
    expect(net.nonTrainableVariables).toHaveLength(9);
  });

  test('finds variables that only its call knows', async () => {
    const gain = new Variable({ initial: tensor([2, 3]), name: 'gain' });
    class Hidden extends Layer {
      override call(x: Tensor): Tensor {
        return x.mul(gain);
      }
    }
    const layer = new Hidden();
    const dense = new Dense(2);
    expect(layer.weights).toEqual([]);
    layer(dense(zeros([1, 4])));
    expect(layer.weights).toEqual([gain]);
    expect(layer.trainableVariables).toEqual([gain]);
  });

  test('a registered layer comes back from a config', async () => {
    class Scale extends Layer {
      readonly by: number;

      constructor(options: { by: number; name?: string }) {
        super({ name: options.name });
        this.by = options.by;
      }

      override call(x: Tensor): Tensor {
        return x.mul(this.by);
      }

      override getConfig(): object {
        return { name: this.name, by: this.by };
      }
    }
    const x = Input([2]);
    const model = new Model(x, new Scale({ by: 3 })(x));
    const config = JSON.parse(JSON.stringify(model.getConfig())) as object;
    expect(() => Model.fromConfig(config)).toThrow('unknown class');
    const custom = Model.fromConfig<Model>(config, { Scale });
    expect(await values(custom(tensor([[1, 2]])))).toEqual([3, 6]);
    registerSerializable(Scale);
    const again = Model.fromConfig<Model>(JSON.parse(JSON.stringify(model.getConfig())) as object);
    expect(await values(again(tensor([[1, 2]])))).toEqual([3, 6]);
  });
});
