import { expect, test } from 'vitest';
import { complaints } from './programs.ts';

const imports = `
import { callbacks, Input, layers, losses, metrics, optimizers, Sequential, type Tensor, tensor } from 'fovea';
const model = new Sequential();
const x: Tensor = tensor([[1]]);
console.log(callbacks, Input, layers, losses, metrics, optimizers, model, x);
`;

/** A typo, and what the compiler should take it for. Of a word that is an argument itself it only says that it is wrong. */
const typos = [
  ["new layers.Conv2D(32, 5, { activaton: 'relu' });", 'activation'],
  ["new layers.Conv2D(32, 5, 1, 'same', { useBia: false });", 'useBias'],
  ['new layers.Conv2D({ filter: 32, kernelSize: 3 });', 'filters'],
  ["new layers.Conv2D(32, 5, { padding: 'sam' });", 'same'],
  ['new layers.Dense(10, { use_bias: false });', 'useBias'],
  ["new layers.Dense(10, { activation: 'rellu' });", 'relu'],
  ["new layers.Dense(10, { kernelInitializer: 'he_normal' });", 'heNormal'],
  ['new layers.MaxPooling2D(2, { stride: 2 });', 'strides'],
  ['new layers.MaxPooling2D({ pool_size: 2 });', 'poolSize'],
  ['new layers.BatchNormalization({ momentun: 0.9 });', 'momentum'],
  ['new layers.Rescaling(1 / 255, { ofset: 1 });', 'offset'],
  ['new layers.Dropout(0.5, { noise_shape: [1] });', 'noiseShape'],
  ['Input({ shap: [28] });', 'shape'],
  ['Input([28], { batch_size: 3 });', 'batchSize'],
  ['new losses.SparseCategoricalCrossentropy({ from_logits: true });', 'fromLogits'],
  ['new metrics.TopKCategoricalAccuracy(3, { nam: "top" });', 'name'],
  ['new optimizers.Adam({ learning_rate: 1 });', 'learningRate'],
  ['new optimizers.Adam({ clip_norm: 1 });', 'clipnorm'],
  ['new optimizers.SGD(0.1, { nestrov: true });', 'nesterov'],
  ['new optimizers.Adam(1e-3, { beta_1: 0.8 });', 'beta1'],
  ['new callbacks.EarlyStopping({ patence: 3 });', 'patience'],
  ["model.compile({ optimiser: 'adam' });", 'optimizer'],
  ["model.compile({ optimizer: 'adm' });", 'adam'],
  ["model.compile({ loss: 'sparse_categorical_crossentropy' });", 'sparseCategoricalCrossentropy'],
  ["model.compile({ metrics: ['acuracy'] });", 'accuracy'],
  ['model.summary({ line_length: 80 });', 'lineLength'],
  ['model.predict(x, { batchsize: 3 });', 'batchSize'],
  ['model.fit({ x, y: x }, { epoch: 2 });', 'epochs'],
  ['model.fit(x, x, { validation_split: 0.2 });', 'validationSplit'],
  ['model.evaluate(x, x, { batchsize: 3 });', 'batchSize'],
  ['x.mean(0, { keepDims: true });', 'keepdims'],
  ['x.squared();', 'square'],
] as const;

const found = complaints([imports, ...typos.map(([line]) => imports + line)]);

test('without a typo the compiler is silent', () => {
  expect(found[0]).toEqual([]);
});

test.each(typos.map(([line, meant], index) => ({ line, meant, messages: found[index + 1]!.join('\n') })))(
  '$line: did you mean $meant?',
  ({ meant, messages }) => {
    expect(messages).toMatch(new RegExp(`Did you mean (to write )?['"]+${meant}['"]+\\?`));
  },
);
