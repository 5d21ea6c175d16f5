// biome-ignore-all format: letter by letter the program of README.md, which a test compares
// biome-ignore-all assist/source/organizeImports: as above
import { Sequential, Input, datasets } from 'fovea';
import { Rescaling, Conv2D, MaxPooling2D, Flatten, Dense, Dropout } from 'fovea/layers';
import { SparseCategoricalCrossentropy } from 'fovea/losses';

const { train, test } = await datasets.mnist.load();
const model = new Sequential([
  Input([28, 28, 1]), new Rescaling(1 / 255),
  new Conv2D(32, 5, { activation: 'relu' }), new MaxPooling2D(2),
  new Conv2D(64, 3, { activation: 'relu' }), new MaxPooling2D(2),
  new Flatten(), new Dense(1024, { activation: 'relu' }), new Dropout(0.5), new Dense(10),
]);
model.compile({ optimizer: 'adam', loss: new SparseCategoricalCrossentropy({ fromLogits: true }), metrics: ['accuracy'] });
const history = await model.fit(train, { batchSize: 64, epochs: 2, validationSplit: 0.2 });
const { loss, accuracy } = await model.evaluate(test);
console.log(loss, accuracy, history.history.valAccuracy);
