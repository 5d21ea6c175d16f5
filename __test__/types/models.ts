import { Input, Model, Sequential, type Tensor } from 'fovea';
import { Add, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, Rescaling } from 'fovea/layers';
import { same } from './same.js';

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
model.summary({ lineLength: 80, printFn: (text: string) => console.log(text) });
const logits = model(Input([28, 28, 1]));
same<typeof logits, Tensor>(true);
new Sequential().add(new Flatten({ inputShape: [28, 28, 1] })).add(new Dense(10));

// Inputs and outputs keep their structure.
const [a, b] = [Input([4]), Input([4])];
const one = new Model({ inputs: a, outputs: new Dense(2)(a) });
same<typeof one, Model<Tensor, Tensor>>(true);
const positional = new Model(a, new Dense(2)(a), { name: 'net' });
same<ReturnType<(typeof positional)['call']>, Tensor>(true);
const records = new Model({ inputs: { a, b }, outputs: { sum: new Add()([a, b]), first: a } });
const { sum, first } = records({ a, b });
same<typeof sum, Tensor>(true);
same<typeof first, Tensor>(true);
// @ts-expect-error b is missing
records({ a });
const pairs = new Model({ inputs: [a, b], outputs: [a.add(b), a] });
const outputs: readonly Tensor[] = pairs([a, b]);

// Every activation.
const inside = new Model(
  model.input,
  model.layers.map((layer) => layer.output),
);
const activations: readonly Tensor[] = inside(a);

// getLayer narrows.
const filters: number = model.getLayer(1, Conv2D).filters;
// @ts-expect-error a layer of any class has no filters
model.getLayer(1).filters;
// @ts-expect-error unknown option
model.summary({ line_length: 80 });

class Net extends Model {
  hidden = new Dense(8, { activation: 'relu' });
  head = new Dense(3);
  override call(x: Tensor) {
    return this.head(this.hidden(x));
  }
}
const net = new Net();
const prediction = net(a);
same<typeof prediction, Tensor>(true);
const named = new Net({ name: 'perceptron' });
const again: Sequential = Sequential.fromConfig<Sequential>(model.getConfig());

export { activations, again, filters, named, outputs };
