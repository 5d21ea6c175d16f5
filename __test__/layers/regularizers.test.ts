import { gradients, layers, registerSerializable, regularizers, type Tensor, tensor, Variable } from 'fovea';
import { describe, expect, test } from 'vitest';
import { cases, difference, options, type Recorded, restore } from './recordings.ts';

interface RegularizerCase {
  name: string;
  class: 'L1' | 'L2' | 'L1L2' | 'OrthogonalRegularizer';
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  kind: 'weight' | 'activity';
  input: Recorded;
  value: number;
  gradient: Recorded;
}

describe('regularizers give what Keras gives', () => {
  const all = ['regularizers', 'regularizers_more'].flatMap((topic) => cases<RegularizerCase>(topic));

  test.each(all)('$name', async (recorded) => {
    const Class = regularizers[recorded.class] as new (options: object) => regularizers.Regularizer;
    const penalty = new Class(options(recorded.options));
    const config = penalty.getConfig() as Record<string, unknown>;
    for (const [name, value] of Object.entries(options(recorded.config))) {
      if (typeof value === 'number') expect(config[name]).toBeCloseTo(value, 6);
      else expect(config[name]).toBe(value);
    }
    const again = regularizers.get(regularizers.serialize(penalty)) as regularizers.Regularizer;
    expect(again.getConfig()).toEqual(config);
    const x = new Variable({ initial: restore(recorded.input) });
    const loss = recorded.kind === 'weight' ? penalty(x) : activity(penalty, x);
    expect(Math.abs((await loss.item()) - recorded.value)).toBeLessThanOrEqual(1e-5 * Math.max(1, recorded.value));
    expect(await difference(gradients(loss, x), recorded.gradient)).toBeLessThanOrEqual(1e-5);
  });
});

/** The loss that a layer adds for its output. */
function activity(activityRegularizer: regularizers.Regularizer, x: Tensor): Tensor {
  const layer = new layers.Activation('linear', { activityRegularizer });
  layer(x);
  expect(layer.losses).toHaveLength(1);
  return layer.losses[0]!;
}

test("a layer's penalties on weights are among its losses, while it is trainable", async () => {
  const dense = new layers.Dense(2, { kernelRegularizer: 'l2', kernelInitializer: 'ones' });
  dense.build([null, 3]);
  expect(dense.losses).toHaveLength(1);
  expect(await dense.losses[0]!.item()).toBeCloseTo(0.06, 6);
  dense.trainable = false;
  expect(dense.losses).toEqual([]);
});

test('strings, functions and instances', () => {
  expect(regularizers.get('orthogonalRegularizer')).toBeInstanceOf(regularizers.OrthogonalRegularizer);
  // The string gives the class without factors, as Keras's 'l1l2' does.
  expect((regularizers.get('l1L2') as regularizers.L1L2).getConfig()).toEqual({ l1: 0, l2: 0 });
  expect(regularizers.l2(0.3).getConfig()).toEqual({ l2: 0.3 });
  expect(regularizers.l1L2({ l1: 0.1 }).getConfig()).toEqual({ l1: 0.1, l2: 0 });
  const own = (x: Tensor) => x.sum();
  expect(regularizers.get(own)).toBe(own);
});

test('a subclass is called, saved and made again', async () => {
  class Sparse extends regularizers.Regularizer {
    readonly share: number;
    constructor({ share = 1 }: { share?: number } = {}) {
      super();
      this.share = share;
    }
    override call(x: Tensor): Tensor {
      return x.abs().sqrt().sum().mul(this.share);
    }
    override getConfig(): object {
      return { share: this.share };
    }
  }
  registerSerializable(Sparse);
  const sparse = regularizers.get(regularizers.serialize(new Sparse({ share: 2 }))) as regularizers.Regularizer;
  expect(sparse).toBeInstanceOf(Sparse);
  expect(await sparse(tensor([4, -9])).item()).toBe(10);
});

test('wrong arguments say what was wanted', () => {
  expect(() => new regularizers.OrthogonalRegularizer({ mode: 'row' as never })).toThrow("Did you mean 'rows'?");
  expect(() => regularizers.orthogonalRegularizer()(tensor([1, 2]))).toThrow('expected a matrix');
  expect(() => regularizers.get('orthogonal_regularizer' as never)).toThrow("Did you mean 'orthogonalRegularizer'?");
});
