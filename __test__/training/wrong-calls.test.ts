import {
  type CompileOptions,
  callbacks,
  FoveaError,
  Input,
  layers,
  losses,
  Model,
  optimizers,
  random,
  Sequential,
  tensor,
  utils,
  zeros,
} from 'fovea';
import { expect, test } from 'vitest';

const quiet = { verbose: 0 } as const;
const x = random.uniform([20, 8, 8, 1], { seed: 1 });
const y = tensor(Int32Array.from({ length: 20 }, (_, i) => i % 10));

/** A value of the wrong type, as JavaScript lets it through. */
const wrong = (value: unknown) => value as never;

function digits(options: CompileOptions = {}): Sequential {
  const model = new Sequential(
    [Input([8, 8, 1]), new layers.Conv2D(4, 3), new layers.Flatten(), new layers.Dense(10, { name: 'digit' })],
    { name: 'net' },
  );
  const loss = new losses.SparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'], ...options });
  return model;
}

const fitWith = (options: object) => digits().fit(x, y, { ...quiet, ...options });
const expected = 'Sequential "net": expected an input [null, 8, 8, 1], received ';

class Silent extends Model {
  override call() {
    return wrong(undefined);
  }
}

function silent() {
  const model = new Silent();
  model.compile({ loss: 'mse' });
  return model.fit(x, y, quiet);
}

function withoutFlatten() {
  const model = new Sequential([Input([8, 8, 1]), new layers.Conv2D(4, 3), new layers.Dense(10)]);
  model.compile({ loss: new losses.SparseCategoricalCrossentropy(true) });
  return model.fit(x, y, quiet);
}

function empty(...items: layers.Layer[]) {
  const model = new Sequential(items, { name: 'bare' });
  model.compile({ loss: 'mse' });
  return model.fit(x, y, quiet);
}

const cases: [string, string, () => unknown][] = [
  [
    'SHAPE_MISMATCH',
    `${expected}[20, 64]. x.reshape([-1, 8, 8, 1])`,
    () => digits().fit(x.reshape([20, 64]), y, quiet),
  ],
  ['SHAPE_MISMATCH', 'x.transpose([0, 2, 3, 1])', () => digits().fit(x.reshape([20, 1, 8, 8]), y, quiet)],
  ['SHAPE_MISMATCH', 'The batch axis is missing', () => digits().predict(x.at(0), quiet)],
  ['SHAPE_MISMATCH', 'a Flatten or a global pooling is missing', withoutFlatten],
  ['SHAPE_MISMATCH', 'x has 20 samples, y has 4', () => digits().fit(x, y.reshape([4, 5]), quiet)],
  ['BAD_ARGUMENT', 'label -1 is out of range', () => digits().fit(x, y.sub(1), quiet)],
  [
    'BAD_ARGUMENT',
    "y: expected numbers, booleans or arrays of them; received 'a'",
    () => digits().fit(x, wrong(['a'])),
  ],
  ['BAD_ARGUMENT', 'x: the arrays are ragged', () => digits().fit(wrong([[1, 2], [3]]), [0, 1], quiet)],
  ['BAD_ARGUMENT', 'received no samples', () => digits().fit([], [], quiet)],
  ['BAD_ARGUMENT', 'received no samples', () => digits().fit(zeros([0, 8, 8, 1]), zeros([0]), quiet)],
  ['BAD_ARGUMENT', 'received an instance of Promise', () => digits().fit(wrong(Promise.resolve(x)), y)],
  ['BAD_ARGUMENT', 'needs labels before the options: fit(x, y, { … })', () => digits().fit(x, wrong({ batchSize: 3 }))],
  ...[0, -1, Number.NaN, 0.5, '32', 2 ** 40].map((batchSize): [string, string, () => unknown] => [
    'BAD_ARGUMENT',
    'fit: batchSize must be a whole number of at least 1; received ',
    () => fitWith({ batchSize }),
  ]),
  ['BAD_ARGUMENT', 'batchSize must be', () => digits().fit([{ x, y }], { ...quiet, batchSize: 0 })],
  ['BAD_ARGUMENT', 'epochs must be a whole number of at least 1; received 0', () => fitWith({ epochs: 0 })],
  [
    'BAD_ARGUMENT',
    'validationSplit must be a number from 0 to 1; received NaN',
    () => fitWith({ validationSplit: NaN }),
  ],
  ['BAD_ARGUMENT', 'validationFreq must be', () => fitWith({ validationSplit: 0.5, validationFreq: 0 })],
  ['BAD_ARGUMENT', 'validationSteps must be', () => fitWith({ validationSplit: 0.5, validationSteps: -1 })],
  ['BAD_ARGUMENT', 'signal must be an AbortSignal', () => fitWith({ signal: 5 })],
  ['BAD_ARGUMENT', "verbose must be 'auto', 0, 1 or 2; received '1'", () => fitWith({ verbose: '1' })],
  ['BAD_ARGUMENT', "shuffle must be true or false; received 'batch'", () => fitWith({ shuffle: 'batch' })],
  ['BAD_ARGUMENT', 'new EarlyStopping(…)', () => fitWith({ callbacks: [callbacks.EarlyStopping] })],
  ['BAD_ARGUMENT', 'new MeanSquaredError(…)', () => digits({ loss: wrong(losses.MeanSquaredError) })],
  ['BAD_ARGUMENT', 'new Adam(…)', () => digits({ optimizer: wrong(optimizers.Adam) })],
  ['BAD_ARGUMENT', 'new Flatten(…)', () => new Sequential([wrong(layers.Flatten)])],
  ['BAD_ARGUMENT', "such as ['accuracy']", () => digits({ metrics: wrong('accuracy') })],
  [
    'BAD_ARGUMENT',
    "options must be a record like { optimizer: … }; received 'adam'",
    () => digits().compile(wrong('adam')),
  ],
  ['BAD_ARGUMENT', 'received null', () => digits().compile(wrong(null))],
  ['BAD_ARGUMENT', "unknown option 'nam'. Did you mean 'name'?", () => new Sequential([], wrong({ nam: 'net' }))],
  ['BAD_ARGUMENT', "useBias must be true or false; received 'no'", () => new layers.Dense(2, { useBias: wrong('no') })],
  ['BAD_ARGUMENT', 'dtype must be one of', () => new layers.Dense(2, { dtype: wrong('float64') })],
  ['BAD_ARGUMENT', 'tensor(…) makes one of numbers', () => digits()(wrong([[1, 2]]))],
  ['BAD_ARGUMENT', 'setWeights takes an array of tensors', () => digits().setWeights(wrong(undefined))],
  [
    'BAD_ARGUMENT',
    'must return a tensor, one value for each sample',
    () => digits({ loss: wrong(() => 3) }).fit(x, y, quiet),
  ],
  ['BAD_ARGUMENT', 'call must return a tensor, or tensors', silent],
  ['SHAPE_MISMATCH', 'need the sparse accuracy', () => digits({ metrics: ['categoricalAccuracy'] }).fit(x, y, quiet)],
  [
    'SHAPE_MISMATCH',
    'need the accuracy that is not sparse',
    () => digits({ loss: 'mse', metrics: ['sparseCategoricalAccuracy'] }).fit(x, utils.toCategorical(y), quiet),
  ],
  ['BAD_ARGUMENT', 'labels must be below numClasses 9; the greatest is 9', () => utils.toCategorical(y, 9)],
  ['NOT_BUILT', 'Sequential "bare": there are no layers yet', () => empty()],
];

test.each(cases)('%s: %s', async (code, sentence, call) => {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => null,
      (e: unknown) => e,
    );
  expect(error).toBeInstanceOf(FoveaError);
  expect((error as FoveaError).message).toContain(sentence);
  expect((error as FoveaError).code).toBe(code);
});

test('labels may be floats where they are whole numbers', async () => {
  const model = digits();
  const measured = [await model.evaluate(x, y, quiet), await model.evaluate(x, y.cast('float32'), quiet)];
  expect(measured[0]).toEqual(measured[1]);
});

test('a weight that is not finite is named, and what to do', async () => {
  const model = digits();
  const weights = model.getWeights();
  model.setWeights([...weights.slice(0, 2), weights[2]!.mul(Number.NaN), weights[3]!]);
  await expect(model.fit(x, y, quiet)).rejects.toMatchObject({
    code: 'NOT_FINITE',
    message: expect.stringMatching(/variable "digit\/kernel" holds values that are not finite\..*setWeights/),
  });
});

test('a Buffer is bytes', async () => {
  const t = tensor(Buffer.from([1, 255]));
  expect([t.dtype, await t.array()]).toEqual(['uint8', [1, 255]]);
});
