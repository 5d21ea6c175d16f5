import type { CompileOptions } from 'fovea';
import { Input, layers, losses, Model, metrics, optimizers, type Tensor, tensor } from 'fovea';
import { expect, test } from 'vitest';
import { cases, numbers, options, type Recorded, restore } from '../layers/recordings.ts';

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** What Keras's recorder passed to `compile`, in our names: strings, and lists and records of them. */
function translated(value: unknown): unknown {
  if (typeof value === 'string') return camel(value);
  if (Array.isArray(value)) return value.map(translated);
  if (typeof value !== 'object' || value === null) return value;
  if ('class_name' in value) {
    const { module, class_name, config } = value as { module: string; class_name: string; config: object };
    const { dtype: _, name, ...rest } = options(config as Record<string, unknown>);
    if (typeof rest.reduction === 'string') rest.reduction = camel(rest.reduction);
    const home = (module.endsWith('metrics') ? metrics : losses) as unknown as Record<
      string,
      new (
        o: object,
      ) => unknown
    >;
    // Automatic names are Keras's; a given one is the user's.
    const automatic = name === snake(class_name);
    return new home[class_name]!(automatic ? rest : { ...rest, name });
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, translated(part)]));
}

const snake = (name: string): string => name.replace(/(.)([A-Z])/g, '$1_$2').toLowerCase();

const compileOptions = (recorded: Record<string, unknown>): CompileOptions =>
  Object.fromEntries(Object.entries(recorded).map(([name, value]) => [camel(name), translated(value)]));

interface Compiled {
  name: string;
  outputs: { name: string; shape: (number | null)[] }[];
  options: Record<string, unknown>;
  yTrue: Record<string, number[]>;
  validation: boolean;
  history: string[];
  batchLogs: string[];
  evaluate: string[];
}

function model(outputs: Compiled['outputs'], dictionary: boolean): Model {
  const x = Input([4]);
  const made = outputs.map(({ name, shape }) => {
    const units = shape[1]!;
    const own = dictionary ? `dense_${name}` : name;
    return new layers.Dense(units, { activation: units === 1 ? 'sigmoid' : 'softmax', name: own })(x);
  });
  if (dictionary) return new Model(x, Object.fromEntries(made.map((y, i) => [outputs[i]!.name, y])));
  return new Model(x, made.length === 1 ? made[0]! : made);
}

/** Random-looking numbers that are always the same. */
const noise = (count: number, salt: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + salt * 78.233));

function labels(shape: number[], salt: number): Tensor {
  const draws = noise(12, salt).map((n) => Math.floor(((n + 1) / 2) * 3));
  if (shape.length === 0) return tensor(Int32Array.from(draws));
  if (shape[0] === 1) return tensor(draws.map((d) => [d % 2]));
  return tensor(draws.map((d) => [0, 1, 2].map((c) => (c === d ? 1 : 0))));
}

test.each(cases<Compiled>('fit', 'compile'))('$name: logs are called as in Keras', async (recorded) => {
  const dictionary = recorded.name.endsWith('dictionary');
  const made = model(recorded.outputs, dictionary);
  made.compile({ optimizer: 'sgd', ...compileOptions(recorded.options) });
  const x = tensor(noise(48, 1), { shape: [12, 4] });
  const named = Object.fromEntries(Object.entries(recorded.yTrue).map(([name, shape], i) => [name, labels(shape, i)]));
  const list = Object.values(named);
  const y = dictionary ? named : list.length === 1 ? list[0]! : list;
  const seen: string[][] = [];
  const callbacks = {
    onTrainBatchEnd(_batch: number, logs: object) {
      seen.push(Object.keys(logs));
    },
  };
  const validationSplit = recorded.validation ? 0.25 : 0;
  const settings = { batchSize: 4, epochs: 2, verbose: 0, validationSplit, callbacks } as const;
  const { history } = await made.fit(x, y, settings);
  // Two names can only change places because one has a capital where the other had a `_`.
  expect(Object.keys(history)).toEqual(recorded.history.map(camel));
  expect(seen[0]).toEqual(recorded.batchLogs.map(camel));
  const measured = Object.keys(await made.evaluate(x, y, { verbose: 0 }));
  expect(measured[0]).toBe('loss');
  expect([...measured].sort()).toEqual(recorded.evaluate.map(camel).sort());
});

interface Values {
  name: string;
  options: Record<string, unknown>;
  weights: Recorded[];
  x: Recorded;
  y: Recorded;
  sampleWeight: Recorded | null;
  batchSize: number;
  classWeight: Record<string, number> | null;
  validationSplit: number;
  history: Record<string, number[]>;
}

test.each(cases<Values>('fit', 'values'))('$name: the numbers are Keras’s', async (recorded) => {
  const made = model([{ name: 'digit', shape: [null, 3] }], false);
  made.setWeights(recorded.weights.map(restore));
  made.compile({ optimizer: new optimizers.SGD(0), ...compileOptions(recorded.options) });
  const { batchSize, validationSplit, classWeight } = recorded;
  const sampleWeight = recorded.sampleWeight === null ? null : restore(recorded.sampleWeight);
  const y = tensor(numbers(recorded.y), { shape: recorded.y.shape });
  const { history } = await made.fit(restore(recorded.x), y, {
    batchSize,
    validationSplit,
    classWeight,
    sampleWeight,
    shuffle: false,
    verbose: 0,
  });
  expect(Object.keys(history)).toEqual(Object.keys(recorded.history).map(camel));
  for (const [name, column] of Object.entries(recorded.history))
    for (const [epoch, value] of column.entries()) expect(history[camel(name)]![epoch]).toBeCloseTo(value, 5);
});

test.each(
  cases<{ samples: number; split: number; train: number; firstOfValidation: number }>('fit', 'validationSplit'),
)('$samples samples are cut at $split as Keras cuts them', async ({ samples, split, train }) => {
  const x = Input([1]);
  const made = new Model(x, new layers.Dense(1, { useBias: false, kernelInitializer: 'ones' })(x));
  made.compile({ optimizer: new optimizers.SGD(0), loss: 'mae' });
  const data = tensor(
    Float32Array.from({ length: samples }, (_, i) => (i < train ? 0 : 1)),
    { shape: [samples, 1] },
  );
  const zeros = tensor(new Float32Array(samples), { shape: [samples, 1] });
  const { history } = await made.fit(data, zeros, { validationSplit: split, batchSize: 512, verbose: 0 });
  expect([history.loss[0], history.valLoss[0]]).toEqual([0, 1]);
});
