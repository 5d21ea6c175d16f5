import { readFileSync } from 'node:fs';
import { ops, optimizers, type Tensor, tensor, Variable } from 'fovea';
import { expect, test } from 'vitest';
import { cases, difference, numbers, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  constraints: Record<string, { class: keyof typeof constraints; options: Record<string, number> }>;
  exclusion: { var_list?: number[]; var_names?: string[] } | null;
  rates: Recorded;
  iterations: number[];
  after: Recorded[];
  state: { path: string; shape: number[]; value: Recorded }[];
  final: Recorded[] | null;
}

const { names, initial, gradients } = JSON.parse(
  readFileSync(new URL('../recordings/updates.json', import.meta.url), 'utf8'),
) as { names: string[]; initial: Recorded[]; gradients: Recorded[] };

const norm = (w: Tensor, axis: number | number[]) => w.square().sum(axis, { keepdims: true }).sqrt();

/** Keras's constraints by their formulas: what is tested here is when an optimizer applies one. */
const constraints = {
  MaxNorm: (w: Tensor, o: Record<string, number>) => {
    const own = norm(w, o.axis!);
    return w.mul(ops.clip(own, 0, o.max_value!).div(own.add(1e-7)));
  },
  NonNeg: (w: Tensor) => w.mul(w.greaterEqual(0).cast('float32')),
  UnitNorm: (w: Tensor, o: Record<string, number>) => w.div(norm(w, o.axis!).add(1e-7)),
  MinMaxNorm: (w: Tensor, o: Record<string, number>) => {
    const own = norm(w, o.axis!);
    const wanted = ops
      .clip(own, o.min_value!, o.max_value!)
      .mul(o.rate!)
      .add(own.mul(1 - o.rate!));
    return w.mul(wanted.div(own.add(1e-7)));
  },
};

/** Row `step` of a recorded tensor. */
function row(recorded: Recorded, step: number) {
  const shape = recorded.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(numbers(recorded).slice(step * size, (step + 1) * size), { shape });
}

function made({ class: name, options: recorded }: Case): optimizers.Optimizer {
  const Class = optimizers[name as 'SGD'] as new (options: object) => optimizers.Optimizer;
  return new Class(options(recorded));
}

function variablesOf(recorded: Case): Variable[] {
  return initial.map((value, i) => {
    const variable = new Variable({ initial: restore(value), name: names[i]!.split('/')[1]! });
    variable.path = names[i]!;
    const constraint = recorded.constraints[variable.path];
    if (constraint) variable.constraint = (w) => constraints[constraint.class](w, constraint.options);
    return variable;
  });
}

/** The greatest difference of two tensors, relative to what is over 1. */
async function off(actual: Tensor, wanted: Tensor): Promise<number> {
  const [a, b] = await Promise.all([actual.data(), wanted.data()]);
  return Math.max(...b.map((value, i) => Math.abs(value - a[i]!) / Math.max(1, Math.abs(value))));
}

test.each(cases<Case>('updates'))('$name', async (recorded) => {
  const optimizer = made(recorded);
  const variables = variablesOf(recorded);
  if (recorded.exclusion) {
    const { var_list: list, var_names: varNames } = recorded.exclusion;
    optimizer.excludeFromWeightDecay({ varList: list?.map((i) => variables[i]!), varNames });
  }
  for (let step = 0; step < gradients[0]!.shape[0]!; step++) {
    const rate = numbers(recorded.rates)[step]!;
    if (rate !== numbers(recorded.rates)[0])
      expect(Math.abs((await optimizer.learningRate.item()) - rate)).toBeLessThan(1e-7);
    optimizer.apply(
      gradients.map((gradient) => row(gradient, step)),
      variables,
    );
    for (const [i, variable] of variables.entries())
      expect(await off(variable.value, row(recorded.after[i]!, step)), `${names[i]} at ${step}`).toBeLessThan(5e-6);
  }
  expect(await optimizer.iterations.item()).toBe(recorded.iterations.at(-1));
  const described = optimizer.variables.map(({ path, shape }) => ({ path, shape: [...shape] }));
  const own = (path: string) => path.replace(/^[^/]*\//, '');
  expect(described.map(({ path, shape }) => ({ path: own(path), shape }))).toEqual(
    recorded.state.map(({ path, shape }) => ({ path: own(path), shape })),
  );
  for (const [i, { value, path }] of recorded.state.entries())
    expect(await difference(optimizer.variables[i]!.value.cast('float32'), value), path).toBeLessThan(1e-5);
  optimizer.finalizeVariableValues(variables);
  for (const [i, value] of (recorded.final ?? []).entries())
    expect(await difference(variables[i]!.value, value)).toBeLessThan(5e-6);
});

test.each(cases<Case>('updates'))('$name: the config is Keras’s, and makes an equal optimizer', (recorded) => {
  const optimizer = made(recorded);
  const { name, lossScaleFactor, ...wanted } = options(recorded.config);
  const { name: own, ...config } = optimizer.getConfig() as Record<string, unknown>;
  const learningRate = (config.learningRate as { config?: unknown }).config ?? config.learningRate;
  const rate = wanted.learningRate as { config?: unknown };
  expect(lossScaleFactor).toBe(null);
  expect({ ...config, learningRate }).toEqual({ ...wanted, learningRate: rate.config ?? rate });
  expect(optimizers.get(optimizers.serialize(optimizer)).getConfig()).toEqual(optimizer.getConfig());
  const Class = optimizer.constructor as typeof optimizers.SGD;
  expect(Class.fromConfig(optimizer.getConfig()).getConfig()).toEqual(optimizer.getConfig());
});
