import { activations, FoveaError, gradients, layers, type Tensor, tensor, Variable } from 'fovea';
import { expect, test } from 'vitest';
import { cases, difference, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  function: string;
  options: Record<string, unknown>;
  input: Recorded;
  value: Recorded;
  cotangent: Recorded;
  gradient: Recorded;
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

type Activation = (x: Tensor, ...rest: unknown[]) => Tensor;

test.each(cases<Case>('activations'))('$name', async (recorded) => {
  const activation = activations[camel(recorded.function) as 'relu'] as Activation;
  const x = new Variable({ initial: restore(recorded.input) });
  const given = options(recorded.options);
  const value = Object.keys(given).length === 0 ? activation(x.value) : activation(x.value, given);
  expect(await difference(value, recorded.value)).toBeLessThan(1e-5);
  const gradient = gradients(value.mul(restore(recorded.cotangent)), x);
  expect(await difference(gradient, recorded.gradient)).toBeLessThan(1e-5);
});

test('options stand in order or in a record', async () => {
  const x = tensor([-2, -0.5, 1, 9]);
  expect(await activations.relu(x, 0.5, 6, 0).equals(activations.relu(x, { negativeSlope: 0.5, maxValue: 6 }))).toBe(
    true,
  );
  expect(await activations.elu(x, 2).equals(activations.elu(x, { alpha: 2 }))).toBe(true);
  expect(await activations.threshold(x, 0, -7).array()).toEqual([-7, -7, 1, 9]);
});

test('softmax over all elements sums to 1', async () => {
  const sum = activations
    .softmax(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      null,
    )
    .sum();
  expect(await sum.item()).toBeCloseTo(1, 6);
});

test('every name gives its function, and every function its name', () => {
  const names = ['relu', 'swish', 'hardSwish', 'hardSilu', 'logSoftmax', 'sparsePlus', 'squareplus', 'linear'] as const;
  for (const name of names) expect(activations.get(name)).toBe(activations[name]);
  expect(activations.serialize(activations.tanhShrink)).toBe('tanhShrink');
  expect(activations.get(null)).toBe(activations.linear);
});

test('a layer takes a name, a function of Keras and one of the user', async () => {
  const x = tensor([[-1, 2]]);
  const own = (y: Tensor) => y.mul(2).add(1);
  expect(await new layers.Activation('softShrink')(x).array()).toEqual([[-0.5, 1.5]]);
  expect(await new layers.Activation(activations.hardTanh)(x).array()).toEqual([[-1, 1]]);
  expect(await new layers.Activation(own)(x).array()).toEqual([[-1, 5]]);
});

test('wrong names and options say what was meant', () => {
  expect(() => activations.get('soft_shrink' as never)).toThrow("Did you mean 'softShrink'?");
  expect(() => activations.relu(tensor([1]), { negative_slope: 0.1 } as never)).toThrow(
    "Did you mean 'negativeSlope'?",
  );
  expect(() => activations.gelu(tensor([1]), 3 as never)).toThrow(
    'gelu: approximate must be true or false; received 3.',
  );
  expect(() => activations.glu(tensor([1, 2, 3]))).toThrow(FoveaError);
  expect(() => activations.threshold(tensor([1]), 2)).toThrow('threshold: defaultValue must be a finite number');
});
