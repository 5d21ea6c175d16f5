// The network of Keras's first notebooks, line by line: Sequential, one-hot labels, rmsprop, five epochs.
import { datasets, Input, models, setSeed } from 'fovea';
import { Conv2D, Dense, Flatten, MaxPooling2D } from 'fovea/layers';
import { toCategorical } from 'fovea/utils';
import { choose, readOptions } from './options.ts';

const title = 'Trains the network of the Keras notebooks on the MNIST digits.';
const options = readOptions(title, {
  epochs: 5,
  batchSize: 64,
  seed: 1,
  limit: 60_000,
  out: 'mnist-out',
  device: 'cpu',
});
const { epochs, batchSize, seed, limit, device } = options;

await choose(device);
setSeed(seed);
const { train, test } = await datasets.mnist.load();
const trainImages = train.x.slice(0, limit).cast('float32').div(255);
const testImages = test.x.cast('float32').div(255);
const trainLabels = toCategorical(train.y.slice(0, limit), 10);
const testLabels = toCategorical(test.y, 10);

const model = new models.Sequential();
model.add(Input([28, 28, 1]));
model.add(new Conv2D(32, [3, 3], { activation: 'relu' }));
model.add(new MaxPooling2D([2, 2]));
model.add(new Conv2D(64, [3, 3], { activation: 'relu' }));
model.add(new MaxPooling2D([2, 2]));
model.add(new Conv2D(64, [3, 3], { activation: 'relu' }));
model.add(new Flatten());
model.add(new Dense(64, { activation: 'relu' }));
model.add(new Dense(10, { activation: 'softmax' }));
model.summary();

model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(trainImages, trainLabels, { epochs, batchSize });
const { loss, accuracy } = await model.evaluate(testImages, testLabels, { batchSize: 500, verbose: 0 });
console.log(`Test accuracy: ${(100 * accuracy).toFixed(2)} % (loss ${loss.toFixed(4)})`);
