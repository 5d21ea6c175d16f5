// Trains the MNIST network, less wide, for 200 steps and prints the fingerprint of all state: see threads.test.ts.
import { datasets, Input, layers, losses, optimizers, Sequential, setSeed } from 'fovea';
import { fingerprint } from './networks.ts';

setSeed(11);
const { train } = await datasets.mnist.load();
const model = new Sequential([
  Input([28, 28, 1]),
  new layers.Rescaling(1 / 255),
  new layers.Conv2D(32, 5, { activation: 'relu' }),
  new layers.MaxPooling2D(2),
  new layers.Conv2D(64, 3, { activation: 'relu' }),
  new layers.BatchNormalization(),
  new layers.MaxPooling2D(2),
  new layers.Flatten(),
  new layers.Dense(256, { activation: 'relu' }),
  new layers.Dropout(0.5),
  new layers.Dense(10),
]);
const loss = new losses.SparseCategoricalCrossentropy({ fromLogits: true });
model.compile({ optimizer: new optimizers.Adam(), loss, metrics: ['accuracy'] });
// 200 steps, the last one of a smaller batch.
await model.fit({ x: train.x.slice(0, 3192), y: train.y.slice(0, 3192) }, { batchSize: 16, verbose: 0 });
console.log(await fingerprint([...model.variables, ...model.optimizer.variables].map((variable) => variable.value)));
