import { readFileSync } from 'node:fs';
import { layers, optimizers, Sequential, type Tensor, tensor, Variable } from 'fovea';
import { expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases, numbers, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: string;
  options: Record<string, unknown>;
  autoName: string;
  after: Recorded[];
  variables: { path: string; shape: number[]; dtype: string }[];
}

const { initial, gradients } = JSON.parse(
  readFileSync(new URL('../recordings/optimizers.json', import.meta.url), 'utf8'),
) as { initial: Recorded[]; gradients: Recorded[] };

/** Row `step` of a recorded tensor. */
function row(recorded: Recorded, step: number) {
  const shape = recorded.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(numbers(recorded).slice(step * size, (step + 1) * size), { shape });
}

function made({ class: name, options: recorded }: Case): optimizers.Optimizer {
  clearNames();
  const Class = optimizers[name as 'SGD'] as new (options: object) => optimizers.Optimizer;
  return new Class(options(recorded));
}

test.each(cases<Case>('optimizers'))('$name', async (recorded) => {
  const optimizer = made(recorded);
  expect(optimizer.name).toBe(recorded.autoName);
  const variables = initial.map((value, i) => new Variable({ initial: restore(value), name: `v${i}` }));
  for (let step = 0; step < gradients[0]!.shape[0]!; step++) {
    optimizer.apply(
      gradients.map((gradient) => row(gradient, step)),
      variables,
    );
    for (const [i, variable] of variables.entries()) {
      const wanted = await row(recorded.after[i]!, step).data();
      const data = await variable.value.data();
      const off = Math.max(...wanted.map((w, k) => Math.abs(w - data[k]!) / Math.max(1, Math.abs(w))));
      expect(off).toBeLessThan(2e-6);
    }
  }
  const described = optimizer.variables.map(({ path, shape, dtype }) => ({ path, shape: [...shape], dtype }));
  expect(described).toEqual(recorded.variables);
});

test.each(cases<Case>('optimizers'))('$name: the config makes an equal optimizer', (recorded) => {
  const optimizer = made(recorded);
  expect(optimizers.get(optimizers.serialize(optimizer)).getConfig()).toEqual(optimizer.getConfig());
});

test('a typo names the nearest', () => {
  expect(() => optimizers.get('adm' as never)).toThrow("Did you mean 'adam'?");
  expect(() => new optimizers.Adam({ lerningRate: 1 } as never)).toThrow("Did you mean 'learningRate'?");
  expect(() => new optimizers.SGD({ clipnorm: 1, clipvalue: 1 })).toThrow('at most one');
});

test('the learning rate can be set, and follow a schedule', async () => {
  const optimizer = new optimizers.SGD(0.5);
  const w = new Variable({ initial: tensor([1]) });
  optimizer.apply([tensor([1])], [w]);
  expect(await w.value.item()).toBe(0.5);
  optimizer.learningRate = 0.25;
  optimizer.apply([tensor([1])], [w]);
  expect(await w.value.item()).toBe(0.25);
  optimizer.learningRate = (step) => step.cast('float32').mul(0.125);
  expect(await optimizer.learningRate.item()).toBe(0.25);
  optimizer.apply([tensor([1])], [w]);
  expect(await w.value.item()).toBe(0);
});

test('state may begin as what a variable is when it is built, also in a compiled step', async () => {
  class Tethered extends optimizers.Optimizer {
    static readonly className = 'Tethered';

    protected override buildSlots(variables: readonly Variable[]): void {
      for (const variable of variables) this.addSlot(variable, 'start', { initial: () => variable.value });
    }

    override updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void {
      variable.assign(variable.sub(gradient.mul(rate)).add(this.slot('start', variable)).div(2));
    }
  }
  const w = new Variable({ initial: tensor([4]) });
  const optimizer = new Tethered({ learningRate: 1 }, 1);
  optimizer.apply([tensor([1])], [w]);
  optimizer.apply([tensor([1])], [w]);
  // (4 − 1 + 4) / 2, then (3.5 − 1 + 4) / 2.
  expect(await w.value.item()).toBe(3.25);

  const model = new Sequential([new layers.Dense(1, { kernelInitializer: 'ones' })]);
  const fitted = new Tethered({ learningRate: 0.1 }, 1);
  model.compile({ optimizer: fitted, loss: 'meanSquaredError' });
  await model.fit(tensor([[1], [2]]), tensor([[5], [9]]), { epochs: 3, batchSize: 1, verbose: 0 });
  expect(await model.weights[0]!.item()).not.toBe(1);
  const [kernel, bias] = fitted.variables.slice(-2);
  expect([await kernel!.item(), await bias!.item()]).toEqual([1, 0]);
});
