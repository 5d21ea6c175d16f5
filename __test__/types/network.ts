// The network in fifteen lines: what `fit`, `evaluate` and `predict` give is known to the compiler.
import { datasets, Input, Sequential, type Tensor } from 'fovea';
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D, Rescaling } from 'fovea/layers';
import { SparseCategoricalCrossentropy } from 'fovea/losses';
import { same } from './same.js';

const { train, test } = await datasets.mnist.load(); // { x: Tensor uint8 [n, 28, 28, 1], y: Tensor uint8 [n] }
same<typeof train.x, Tensor>(true);
same<typeof test.y, Tensor>(true);
const model = new Sequential([
  Input([28, 28, 1]),
  new Rescaling(1 / 255),
  new Conv2D(32, 5, { activation: 'relu' }),
  new MaxPooling2D(2),
  new Conv2D(64, 3, { activation: 'relu' }),
  new MaxPooling2D(2),
  new Flatten(),
  new Dense(1024, { activation: 'relu' }),
  new Dropout(0.5),
  new Dense(10),
]);
model.summary();
model.compile({
  optimizer: 'adam',
  loss: new SparseCategoricalCrossentropy({ fromLogits: true }),
  metrics: ['accuracy'],
});
const history = await model.fit(train, { batchSize: 64, epochs: 2, validationSplit: 0.2 });
const { loss, accuracy } = await model.evaluate(test);
same<typeof loss, number>(true);
same<typeof accuracy, number>(true);
console.log(loss, accuracy, history.history.valAccuracy);
same<typeof history.history.valAccuracy, number[]>(true);
const prediction = await model.predict(test.x.slice(0, 10));
same<typeof prediction, Tensor>(true);
prediction.argmax(-1).print();
(await model.predict(test.x.slice(0, 10))).argmax(-1).print();

// A promise is not its value.
// @ts-expect-error await is missing
model.predict(test.x).argmax(-1);
// @ts-expect-error await is missing
model.evaluate(test).loss;
// @ts-expect-error await is missing
datasets.mnist.load().train;
// @ts-expect-error the history has columns, not numbers
const last: number = history.history.loss;

export { last };
