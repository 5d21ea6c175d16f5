// The MNIST network, built with the functional API: to 98.8 % of the test digits in two epochs.
import { join } from 'node:path';
import { datasets, Input, Model, setSeed } from 'fovea';
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D, Rescaling } from 'fovea/layers';
import { SparseCategoricalCrossentropy } from 'fovea/losses';
import { Adam } from 'fovea/optimizers';
import { choose, readOptions } from './options.ts';
import { drawAnswers } from './picture.ts';

const title = 'Trains a convolutional network on the MNIST digits.';
const options = readOptions(title, {
  epochs: 2,
  batchSize: 64,
  seed: 1,
  limit: 60_000,
  out: 'mnist-out',
  device: 'cpu',
});
const { epochs, batchSize, seed, limit, out, device } = options;

await choose(device);
setSeed(seed);
const { train, test } = await datasets.mnist.load();

const image = Input([28, 28, 1]);
let x = new Rescaling(1 / 255)(image);
x = new Conv2D(32, 5, { activation: 'relu' })(x);
x = new MaxPooling2D(2)(x);
x = new Conv2D(64, 3, { activation: 'relu' })(x);
x = new MaxPooling2D(2)(x);
x = new Flatten()(x);
x = new Dense(1024, { activation: 'relu' })(x);
x = new Dropout(0.5)(x);
const model = new Model(image, new Dense(10)(x), { name: 'mnist' });
model.summary();

const loss = new SparseCategoricalCrossentropy({ fromLogits: true });
model.compile({ optimizer: new Adam(1e-3), loss, metrics: ['accuracy'] });

const images = train.x.slice(0, limit);
const labels = train.y.slice(0, limit);
await model.fit(images, labels, { batchSize, epochs, validationSplit: 0.2 });

const result = await model.evaluate(test, { batchSize: 500, verbose: 0 });
console.log(`Test accuracy: ${(100 * result.accuracy).toFixed(2)} % (loss ${result.loss.toFixed(4)})`);

const shown = 50;
const digits = test.x.slice(0, shown);
const answers = await (await model.predict(digits, { verbose: 0 })).argmax(-1).data();
const truths = await test.y.slice(0, shown).data();
const pixels = await digits.data();
const path = join(out, 'digits.png');
await drawAnswers(
  path,
  Array.from({ length: shown }, (_, i) => ({
    pixels: pixels.subarray(i * 784, (i + 1) * 784),
    label: truths[i]!,
    answer: answers[i]!,
  })),
);
console.log(`What the network says of the first ${shown} test digits: ${path}`);
