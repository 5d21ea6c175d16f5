import { customGradient, gradients, Input, layers, Model, ops, Sequential, type Tensor, tensor, Variable } from 'fovea';
import { describe, expect, test } from 'vitest';
import * as random from '../../ts/random/index.ts';

const noise = (shape: number[], seed: number) => random.normal(shape, { seed });

describe('warps lead gradients back exactly', () => {
  const turn = [0.8, -0.5, 1.3, 0.5, 0.8, -0.7, 0, 0];
  const each = [turn, [1, 0, -2.3, 0, 1, 1.6, 0, 0]];
  const modes = ['constant', 'nearest', 'wrap', 'reflect', 'mirror'] as const;
  test.each(modes.flatMap((fillMode) => [turn, each].map((matrix) => ({ fillMode, matrix }))))(
    '$fillMode',
    async ({ fillMode, matrix }) => {
      const warp = (x: Tensor) => ops.image.affineTransform(x, matrix, { fillMode });
      const x = new Variable({ initial: noise([2, 5, 6, 2], 1) });
      const [other, cotangent] = [noise([2, 5, 6, 2], 2), noise([2, 5, 6, 2], 3)];
      const gradient = gradients(warp(x).mul(cotangent).sum(), x);
      // A warp is linear: ⟨Aᵀc, v⟩ = ⟨c, Av⟩ for any v.
      const [left, right] = [gradient.mul(other).sum(), cotangent.mul(warp(other)).sum()];
      expect(Math.abs((await left.item()) - (await right.item()))).toBeLessThan(1e-4);
    },
  );

  test('mirror repeats an image without its edge, as SciPy does', async () => {
    const x = ops.reshape([0, 1, 2, 3], [1, 1, 4, 1]);
    const shifted = (by: number) =>
      ops.image.affineTransform(x, [1, 0, by, 0, 1, 0, 0, 0], { fillMode: 'mirror' }).reshape([-1]).array();
    expect(await shifted(-3)).toEqual([3, 2, 1, 0]);
    expect(await shifted(4)).toEqual([2, 1, 0, 1]);
  });
});

describe('second derivatives', () => {
  const cases: Record<string, (x: Tensor) => Tensor> = {
    sort: (x) => ops.sort(x),
    topK: (x) => ops.topK(x, 2)[0],
    takeAlongAxis: (x) => ops.takeAlongAxis(x, ops.argsort(x), 1),
    einsum: (x) => ops.einsum('ij,kj->ik', x, x),
    resize: (x) => ops.image.resize(x.reshape([1, 3, 4, 1]), [5, 2], { interpolation: 'bicubic' }),
    warp: (x) => ops.image.affineTransform(x.reshape([1, 3, 4, 1]), [1, 0.1, 0.3, 0, 1, -0.4, 0, 0]),
    cumprod: (x) => ops.cumprod(x, 1),
    scatterUpdate: (x) => ops.scatterUpdate(x, [[0], [2]], x.slice(0, 2)),
    quantile: (x) => ops.quantile(x, 0.3, 1),
  };
  test.each(Object.entries(cases))('of %s', async (_name, f) => {
    const x = new Variable({ initial: noise([3, 4], 4) });
    const penalty = (t: Tensor) => gradients(f(t).square().sum(), t).square().sum();
    const gradient = gradients(penalty(x), x);
    const direction = noise([3, 4], 5);
    const h = 1e-2;
    const at = (step: number) => penalty(new Variable({ initial: x.value.add(direction.mul(step)) })).item();
    const slope = ((await at(h)) - (await at(-h))) / (2 * h);
    const wanted = await gradient.mul(direction).sum().item();
    expect(Math.abs(slope - wanted) / Math.max(1, Math.abs(wanted))).toBeLessThan(0.02);
  });
});

describe('customGradient', () => {
  const x = () => new Variable({ initial: tensor([1, -2, 3]) });

  test('replaces the gradient, not the value', async () => {
    const reversed = customGradient(
      (t: Tensor) => t.square(),
      (upstream) => upstream.neg(),
    );
    const v = x();
    const y = reversed(v.mul(2));
    expect(await y.array()).toEqual([4, 16, 36]);
    expect(await gradients(y.mul([1, 10, 100]).sum(), v).array()).toEqual([-2, -20, -200]);
  });

  test('its rule need not be linear, and sees the inputs', async () => {
    const clipped = customGradient(
      (a: Tensor, b: Tensor) => a.mul(b),
      (upstream, a, b) => [upstream.mul(b).clip(-1, 1), a.mul(0).add(7)],
    );
    const [a, b] = [x(), new Variable({ initial: tensor([0.5, 3, -4]) })];
    const [da, db] = gradients(clipped(a, b).sum(), [a, b]);
    expect(await da.array()).toEqual([0.5, 1, -1]);
    expect(await db.array()).toEqual([7, 7, 7]);
  });

  test('one behind the other, and beside other ways', async () => {
    const twice = customGradient(
      (t: Tensor) => t,
      (upstream) => upstream.mul(2),
    );
    const v = x();
    const inner = twice(v);
    const outer = twice(inner.mul(3)).add(inner).add(v);
    // 2 · 3 · 2 through both, 2 through the first, 1 beside them.
    expect(await gradients(outer.sum(), v).array()).toEqual([15, 15, 15]);
    expect(await gradients(outer.sum(), inner).array()).toEqual([7, 7, 7]);
  });

  test('twice: the gradient of a gradient goes through rules too', async () => {
    // The cube with its own derivative written out: as if it were not custom.
    const cube = customGradient(
      (t: Tensor) => t.square().mul(t),
      (upstream, t) => upstream.mul(t.square()).mul(3),
    );
    const v = x();
    const slope = gradients(cube(v).sum(), v);
    expect(await slope.array()).toEqual([3, 12, 27]);
    expect(await gradients(slope.sum(), v).array()).toEqual([6, -12, 18]);
    const through = gradients(cube(cube(v)).sum(), v);
    expect(await gradients(through.sum(), v).array()).toEqual([72, 72 * (-2) ** 7, 72 * 3 ** 7]);
  });

  test('trains in a layer, compiled', async () => {
    const reversal = customGradient(
      (t: Tensor) => t,
      (upstream) => upstream.neg(),
    );
    class Reversal extends layers.Layer {
      static readonly className = 'Reversal';
      override call(t: Tensor): Tensor {
        return reversal(t);
      }
    }
    const model = new Sequential([new layers.Dense(1, { useBias: false, kernelInitializer: 'ones' }), new Reversal()]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tensor([[1]]), tensor([[0]]), { epochs: 1, verbose: 0 });
    // Uphill: 1 + 0.01 · 2.
    expect(await model.weights[0]!.item()).toBeCloseTo(1.02, 5);
  });

  describe('applied to an Input', () => {
    const reversal = customGradient(
      (t: Tensor) => t.square(),
      (upstream, t) => upstream.mul(t).mul(-2),
    );

    /** x to (w·x)², with the gradient's sign turned. */
    function reversed() {
      const input = Input([1]);
      const dense = new layers.Dense(1, { useBias: false, kernelInitializer: 'ones', name: 'w' });
      return new Model(input, reversal(dense(input)));
    }

    test.each([false, true])('it is a layer that trains; eagerly: %s', async (runEagerly) => {
      const model = reversed();
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', runEagerly });
      expect(await model.predict(tensor([[3]]), { verbose: 0 }).then((y) => y.array())).toEqual([[9]]);
      await model.fit(tensor([[1]]), tensor([[0]]), { epochs: 1, verbose: 0 });
      // ∂(w²)²/∂w = 4, so one step uphill of 0.01 · 4.
      expect(await model.weights[0]!.item()).toBeCloseTo(1.04, 5);
    });

    test('straight to one, between ops, with constants and variables, several inputs', async () => {
      const scaled = customGradient(
        (a: Tensor, b: Tensor, c: Tensor) => a.mul(b).add(c),
        (upstream, a, b, c) => [upstream.mul(b).mul(10), upstream.mul(a).mul(100), c.mul(0)],
      );
      const v = new Variable({ initial: tensor([[5]]) });
      const [a, b] = [Input([1]), Input([1])];
      const model = new Model([a, b], scaled(a, b.mul(2), v).add(scaled(a, tensor([[3]]), a)));
      const [x, y] = [new Variable({ initial: tensor([[2]]) }), new Variable({ initial: tensor([[7]]) })];
      const out = () => model([x, y]) as Tensor;
      expect(await out().array()).toEqual([[2 * 14 + 5 + 2 * 3 + 2]]);
      const [dx, dy] = gradients(out().sum(), [x, y]);
      // From the first: 14 · 10, and 2 · 100 through the 2; from the second: 3 · 10.
      expect([await dx.array(), await dy.array()]).toEqual([[[170]], [[400]]]);
      v.assign(tensor([[6]]));
      expect(await out().array()).toEqual([[2 * 14 + 6 + 2 * 3 + 2]]);
    });

    test('it stands in the summary and in configs', async () => {
      const model = reversed();
      expect(model.layers.map((layer) => layer.name).at(-1)).toMatch(/^custom_gradient/);
      expect(model.layers.map((layer) => layer.name)).toHaveLength(3);
      const again = Model.fromConfig<Model<Tensor, Tensor>>(model.getConfig());
      again.setWeights([[[4]]]);
      expect(await again.predict(tensor([[1]]), { verbose: 0 }).then((y) => y.array())).toEqual([[16]]);
      const loaded = () => Model.fromConfig(JSON.parse(JSON.stringify(model.getConfig())));
      expect(loaded).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    });
  });

  test('says what is wrong', async () => {
    expect(() => customGradient((t: Tensor) => t, 3 as never)).toThrow('df must be a function; received 3.');
    const short = customGradient(
      (a: Tensor, b: Tensor) => a.add(b),
      (upstream) => upstream,
    );
    expect(() => gradients(short(x(), x()), x())).not.toThrow(TypeError);
    expect(() => gradients(short(x(), x()), x())).toThrow('df must return one tensor for each of 2 inputs');
    const wide = customGradient(
      (t: Tensor) => t,
      (upstream) => upstream.expandDims(0),
    );
    expect(() => gradients(wide(x()), x())).toThrow('for input 0, float32 [3], it returned float32 [1, 3]');
  });
});

describe('random distributions', () => {
  test.each([0.05, 0.2, 1, 3.5])('gamma and beta of %s have their moments', async (form) => {
    const g = random.gamma([20000], form, { seed: 1 });
    const b = random.beta([20000], form, form, { seed: 2 });
    expect(await g.mean().item()).toBeCloseTo(form, 0);
    expect(Math.abs((await g.mean().item()) - form)).toBeLessThan(5 * Math.sqrt(form / 20000));
    expect(Math.abs((await b.mean().item()) - 0.5)).toBeLessThan(0.02);
    expect(Math.abs((await b.variance().item()) - 1 / (4 * (2 * form + 1)))).toBeLessThan(0.01);
    expect(await b.isNan().any().item()).toBe(0);
  });

  test('shuffle keeps every slice, and a seed its order', async () => {
    const x = ops.reshape(tensor(Int32Array.from({ length: 40 }, (_, i) => i)), [20, 2]);
    const [a, b] = [random.shuffle(x, 0, { seed: 5 }), random.shuffle(x, 0, { seed: 5 })];
    expect(await a.array()).toEqual(await b.array());
    expect(await a.array()).not.toEqual(await x.array());
    expect(await ops.sort(a, 0).array()).toEqual(await x.array());
  });
});
