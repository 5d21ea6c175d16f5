import { constraints, registerSerializable, type Tensor, tensor } from 'fovea';
import { expect, test } from 'vitest';
import { cases, difference, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: 'MaxNorm' | 'MinMaxNorm' | 'NonNeg' | 'UnitNorm';
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  weight: Recorded;
  value: Recorded;
}

test.each(cases<Case>('constraints'))('$name', async (recorded) => {
  const Class = constraints[recorded.class] as new (options: object) => constraints.Constraint;
  const constraint = new Class(options(recorded.options));
  expect(await difference(constraint(restore(recorded.weight)), recorded.value)).toBeLessThan(1e-6);
  expect(constraint.getConfig()).toEqual(options(recorded.config));
  const again = constraints.get(constraints.serialize(constraint)) as constraints.Constraint;
  expect(again).toBeInstanceOf(Class);
  expect(again.getConfig()).toEqual(constraint.getConfig());
});

test('strings, functions and instances', async () => {
  expect(constraints.get('maxNorm')).toBeInstanceOf(constraints.MaxNorm);
  expect(constraints.get('nonNeg')).toBeInstanceOf(constraints.NonNeg);
  expect(constraints.get(null)).toBeNull();
  const own = (w: Tensor) => w.abs();
  expect(constraints.get(own)).toBe(own);
  expect(constraints.maxNorm(3, 1).getConfig()).toEqual({ maxValue: 3, axis: 1 });
  expect(constraints.MinMaxNorm.fromConfig({ rate: 0.5 }).rate).toBe(0.5);
});

test('a subclass is called, saved and made again', async () => {
  class Halved extends constraints.Constraint {
    override call(w: Tensor): Tensor {
      return w.mul(0.5);
    }
  }
  registerSerializable(Halved);
  const halved = constraints.get(constraints.serialize(new Halved())) as constraints.Constraint;
  expect(halved).toBeInstanceOf(Halved);
  expect(await halved(tensor([2, 4])).array()).toEqual([1, 2]);
});

test('wrong arguments say what was wanted', () => {
  expect(() => constraints.get('max_norm' as never)).toThrow("Did you mean 'maxNorm'?");
  expect(() => constraints.get(constraints.MaxNorm as never)).toThrow('an instance is needed');
  expect(() => new constraints.MaxNorm(-1)).toThrow('MaxNorm: maxValue must be a number of at least 0; received -1.');
  expect(() => new constraints.UnitNorm({ axes: 1 } as never)).toThrow("Did you mean 'axis'?");
});
