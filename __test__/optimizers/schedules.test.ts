import { readFileSync } from 'node:fs';
import { optimizers, type Tensor, tensor } from 'fovea';
import { expect, test } from 'vitest';
import { cases, numbers, options, type Recorded } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  values: Recorded;
}

const { schedules } = optimizers;
const { steps } = JSON.parse(readFileSync(new URL('../recordings/schedules.json', import.meta.url), 'utf8')) as {
  steps: number[];
};

function made({ class: name, options: recorded }: Case): optimizers.schedules.LearningRateSchedule {
  const Class = schedules[name as 'CosineDecay'] as new (options: object) => optimizers.schedules.LearningRateSchedule;
  return new Class(options(recorded));
}

test.each(cases<Case>('schedules'))('$name', async (recorded) => {
  const schedule = made(recorded);
  const wanted = numbers(recorded.values);
  const count = (step: number) => tensor([step], { shape: [], dtype: 'int64' });
  const rates = await Promise.all(steps.map((step) => schedule(count(step)).item()));
  for (const [i, rate] of rates.entries()) expect(Math.abs(rate - wanted[i]!), `step ${steps[i]}`).toBeLessThan(2e-6);
  expect(schedule.getConfig()).toEqual(options(recorded.config));
  const SameClass = schedule.constructor as typeof optimizers.schedules.CosineDecay;
  expect(SameClass.fromConfig(schedule.getConfig()).getConfig()).toEqual(schedule.getConfig());
});

test('Keras’s positional parameters come before the options', async () => {
  expect(new schedules.ExponentialDecay(0.1, 10, 0.5, { staircase: true }).getConfig()).toMatchObject({
    decaySteps: 10,
    staircase: true,
  });
  expect(new schedules.PiecewiseConstantDecay([1], [0.5, 0.25]).getConfig()).toMatchObject({ values: [0.5, 0.25] });
  expect(await new schedules.CosineDecay(0.5, 10)(0).item()).toBe(0.5);
});

test('wrong arguments say what was expected', () => {
  expect(() => new schedules.ExponentialDecay(0.1, 0, 0.5)).toThrow('decaySteps must be a number greater than 0');
  expect(() => new schedules.CosineDecayRestarts(0.1, -1)).toThrow('firstDecaySteps');
  expect(() => new schedules.PiecewiseConstantDecay([1, 2], [0.5, 0.25])).toThrow('values must be one more');
  expect(() => new schedules.CosineDecay(0.1, 5, { warmupTaget: 1 } as never)).toThrow("Did you mean 'warmupTarget'?");
  expect(() => new schedules.PolynomialDecay(undefined as never, 3)).toThrow('initialLearningRate');
});

class Halving extends schedules.LearningRateSchedule {
  override call(step: Tensor) {
    return step.cast('float32').mul(-Math.LN2).exp();
  }

  override getConfig() {
    return {};
  }
}

test('a schedule of one’s own; a number cannot take its place', async () => {
  const optimizer = new optimizers.SGD(new Halving());
  expect(await optimizer.learningRate.item()).toBe(1);
  expect(() => {
    optimizer.learningRate = 0.1;
  }).toThrow('a schedule decides');
  optimizer.learningRate = new schedules.ExponentialDecay(0.25, 1, 0.5);
  expect(await optimizer.learningRate.item()).toBe(0.25);
  const config = optimizer.getConfig() as { learningRate: { className: string } };
  expect(config.learningRate.className).toBe('ExponentialDecay');
});
