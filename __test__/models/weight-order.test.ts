import { Input, layers, Model, type Tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases, options } from '../layers/recordings.ts';

interface OrderCase {
  name: string;
  layers: { name: string; class: string; options: Record<string, unknown>; inputs: string[] }[];
  summaryOrder: string[];
  weights: { path: string; shape: number[]; trainable: boolean }[];
  trainable: string[];
}

interface NameCase {
  class: string;
  options: Record<string, unknown>;
  names: string[];
}

type AnyLayer = new (options: object) => layers.Layer;
const classes = layers as unknown as Record<string, AnyLayer>;

function build(recorded: OrderCase): Model {
  const made = new Map<string, Tensor>();
  const used = new Set<string>();
  for (const { name, class: className, options: given, inputs } of recorded.layers) {
    const settings = { ...options(given), name };
    if (className === 'Input') {
      made.set(name, new Input(settings));
      continue;
    }
    for (const input of inputs) used.add(input);
    const tensors = inputs.map((input) => made.get(input)!);
    const merges = className === 'Add' || className === 'Concatenate';
    made.set(name, new classes[className]!(settings)(merges ? tensors : tensors[0]));
  }
  const inputs = recorded.layers.filter((layer) => layer.class === 'Input').map(({ name }) => made.get(name)!);
  const ends = recorded.layers.map(({ name }) => name).filter((name) => !used.has(name));
  const last = recorded.summaryOrder.at(-1)!;
  // "The deeper first": the recorder passed the output that comes last in the summary last.
  const outputs = ends.sort((a, b) => Number(a === last) - Number(b === last)).map((name) => made.get(name)!);
  return new Model(inputs, outputs);
}

describe("layers and weights come in Keras's order", () => {
  test.each(cases<OrderCase>('fit', 'weightOrder'))('$name', (recorded) => {
    const model = build(recorded);
    expect(model.layers.map(({ name }) => name)).toEqual(recorded.summaryOrder);
    expect(model.weights.map(({ path, shape, trainable }) => ({ path, shape: [...shape], trainable }))).toEqual(
      recorded.weights,
    );
    expect(model.trainableVariables.map(({ path }) => path)).toEqual(recorded.trainable);
    expect(model.getWeights().map(({ shape }) => [...shape])).toEqual(recorded.weights.map(({ shape }) => shape));
  });
});

describe("automatic names are Keras's", () => {
  test.each(cases<NameCase>('fit', 'layerNames').filter((recorded) => recorded.class !== 'Input'))(
    '$class',
    (recorded) => {
      clearNames();
      const names = recorded.names.map(() => new classes[recorded.class]!(options(recorded.options)).name);
      expect(names).toEqual(recorded.names);
    },
  );
});
