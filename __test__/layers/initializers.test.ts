import { initializers, layers, registerSerializable, SeedGenerator, setSeed, type Tensor, tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { fans } from '../../ts/initializers/fans.ts';
import { cases, numbers, options, type Recorded } from './recordings.ts';

interface InitializerCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  exact: { shape: number[]; value: Recorded }[];
  draws: {
    shape: number[];
    fanIn: number;
    fanOut: number;
    count: number;
    mean: number;
    std: number;
    min: number;
    max: number;
  }[];
  gram: { shape: number[]; diagonal: number }[];
}

const all = ['initializers', 'initializers_more'].flatMap((topic) => cases<InitializerCase>(topic));

function make({ class: className, options: recorded }: InitializerCase): initializers.Initializer {
  const Class = (initializers as unknown as Record<string, new (options: object) => initializers.Initializer>)[
    className
  ]!;
  return new Class(Object.fromEntries(Object.entries(options(recorded)).map(([name, value]) => [name, value])));
}

async function drawn(initializer: initializers.Initializer, shape: number[], count: number): Promise<number[]> {
  const values: number[] = [];
  while (values.length < count) for (const value of await initializer(shape).data()) values.push(value);
  return values;
}

function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(square) };
}

describe('initializers draw as Keras draws', () => {
  test.each(all.filter(({ draws }) => draws.length > 0))('$name', async (recorded) => {
    setSeed(7);
    for (const { shape, fanIn, fanOut, count, mean, std, min, max } of recorded.draws) {
      const initializer = make(recorded);
      const axes = initializer instanceof initializers.VarianceScaling ? initializer : undefined;
      expect(fans(shape, axes)).toEqual({ fanIn, fanOut });
      const values = await drawn(make(recorded), shape, count);
      const found = moments(values);
      // Both sides are samples: five standard errors of each, added.
      const error = 5 * std * Math.sqrt(1 / values.length + 1 / count);
      expect(Math.abs(found.mean - mean)).toBeLessThan(error);
      expect(Math.abs(found.std - std)).toBeLessThan(error);
      if (
        /Uniform|uniform|TruncatedNormal|truncated|Glorot|He|Lecun/.test(recorded.name) &&
        !/untruncated/.test(recorded.name)
      ) {
        // Bounded distributions: so many draws come close to the bound, and none passes it.
        const bound = Math.max(max - mean, mean - min);
        expect(values.every((value) => Math.abs(value - mean) < bound * 1.02)).toBe(true);
        expect(values.some((value) => Math.abs(value - mean) > bound * 0.95)).toBe(true);
      }
    }
  });

  test.each(all.filter(({ exact }) => exact.length > 0))('$name', async (recorded) => {
    for (const { shape, value } of recorded.exact) {
      const made: Tensor = make(recorded)(shape);
      expect(made.shape).toEqual(value.shape);
      expect([...(await made.data())]).toEqual([...numbers(value)]);
    }
  });

  test.each(all.filter(({ gram }) => gram.length > 0))('$name', async (recorded) => {
    setSeed(3);
    for (const { shape, diagonal } of recorded.gram) {
      const columns = shape.at(-1)!;
      const matrix = make(recorded)(shape).reshape([-1, columns]);
      const rows = matrix.dim(0);
      const gram = rows < columns ? matrix.matmul(matrix.transpose()) : matrix.transpose().matmul(matrix);
      const side = gram.dim(0);
      for (const [index, value] of [...(await gram.data())].entries()) {
        const wanted = index % (side + 1) === 0 ? diagonal : 0;
        expect(Math.abs(value - wanted)).toBeLessThan(1e-5);
      }
    }
  });
});

test('a seed repeats, its absence does not', async () => {
  const seeded = new initializers.HeNormal({ seed: 5 });
  const free = new initializers.HeNormal();
  const values = async (made: Tensor) => [...(await made.data())];
  expect(await values(seeded([4, 4]))).toEqual(await values(new initializers.HeNormal(5)([4, 4])));
  expect(await values(free([4, 4]))).not.toEqual(await values(free([4, 4])));
});

test('an unknown name throws and names the nearest', () => {
  expect(() => initializers.get('he_normal' as never)).toThrow(
    "unknown initializer 'he_normal'. Did you mean 'heNormal'?",
  );
});

test('a constant may be values that broadcast', async () => {
  interface Constant {
    value: number[][];
    shape: number[];
    made: Recorded;
  }
  for (const { value, shape, made } of cases<Constant>('initializers_more', 'constants')) {
    const constant = new initializers.Constant(value);
    expect([...(await constant(shape).data())]).toEqual([...numbers(made)]);
    expect([...(await constant.clone()(shape).data())]).toEqual([...numbers(made)]);
  }
});

test('strings, functions, tensors and other names', async () => {
  expect(initializers.get('normal')).toBeInstanceOf(initializers.RandomNormal);
  expect(initializers.get('uniform')).toBeInstanceOf(initializers.RandomUniform);
  expect(initializers.get('one')).toBeInstanceOf(initializers.Ones);
  expect(initializers.heNormal(3).getConfig()).toEqual({ seed: 3, inputAxes: null, outputAxes: null });
  expect(
    await new layers.Dense(2, { kernelInitializer: tensor([[1, 2]]), inputShape: [1] })(tensor([[3]])).array(),
  ).toEqual([[3, 6]]);
  expect(() => initializers.get(tensor([1, 2]))([3], {})).toThrow('a tensor of shape [3] is needed');
});

test('a seed generator lets each draw be new, and the same again from its seed', async () => {
  const draws = async () => {
    const initializer = new initializers.RandomNormal({ seed: new SeedGenerator(4) });
    return [await initializer([3]).array(), await initializer([3]).array()];
  };
  const [first, second] = await draws();
  expect(first).not.toEqual(second);
  expect(await draws()).toEqual([first, second]);
});

test('a subclass is called, saved and made again', async () => {
  class Ramp extends initializers.Initializer {
    override call(shape: readonly number[]): Tensor {
      return tensor(Float32Array.from({ length: shape[0]! }, (_, i) => i));
    }
  }
  registerSerializable(Ramp);
  const ramp = initializers.get(initializers.serialize(new Ramp())) as initializers.Initializer;
  expect(ramp).toBeInstanceOf(Ramp);
  expect(await ramp([3]).array()).toEqual([0, 1, 2]);
});
