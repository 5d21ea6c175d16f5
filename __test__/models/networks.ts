import { Input, layers, Model, Sequential, type Tensor } from 'fovea';

const { Add, Concatenate, Conv2D, Dense, Dropout, Flatten, GlobalAveragePooling2D, MaxPooling2D, ReLU } = layers;

/** The network of the MNIST example, as a functional model. */
export function mnist(): Model<Tensor, Tensor> {
  const inputs = Input([28, 28, 1]);
  let x = new Conv2D(32, 5, { activation: 'relu' })(inputs);
  x = new MaxPooling2D(2)(x);
  x = new Conv2D(64, 3, { activation: 'relu' })(x);
  x = new MaxPooling2D(2)(x);
  x = new Flatten()(x);
  x = new Dense(1024, { activation: 'relu' })(x);
  x = new Dropout(0.5)(x);
  return new Model({ inputs, outputs: new Dense(10)(x) });
}

/** The network of the notebook, with or without an input shape. */
export function notebook(withInput = true): Sequential {
  return new Sequential([
    ...(withInput ? [Input([28, 28, 1])] : []),
    new Conv2D(32, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new Flatten(),
    new Dense(64, { activation: 'relu' }),
    new Dense(10, { activation: 'softmax' }),
  ]);
}

/** A skip branch, and a layer whose output is used twice. */
export function branched(): Model {
  const inputs = Input([16, 16, 3]);
  let x = new Conv2D(8, 3, { padding: 'same', activation: 'relu' })(inputs);
  const y = new Conv2D(8, 3, { padding: 'same' })(x);
  const skip = new Conv2D(8, 1)(inputs);
  x = new Add()([y, skip]);
  x = new ReLU()(x);
  x = new Concatenate()([x, y]);
  x = new GlobalAveragePooling2D()(x);
  return new Model(inputs, new Dense(5)(x), { name: 'branches' });
}

/** Two inputs and two outputs, with names. */
export function several() {
  const image = Input([8, 8, 1], { name: 'image' });
  const extra = Input([4], { name: 'extra' });
  const x = new Concatenate()([new Flatten()(image), extra]);
  const digit = new Dense(10, { name: 'digit' })(x);
  const even = new Dense(1, { activation: 'sigmoid', name: 'even' })(x);
  return new Model({ inputs: [image, extra], outputs: [digit, even] });
}

/** One layer that is used twice. */
export function shared() {
  const [a, b] = [Input([6]), Input([6])];
  const dense = new Dense(4, { name: 'both' });
  return new Model({ inputs: [a, b], outputs: new Concatenate()([dense(a), dense(b)]) });
}

/** With weights that training does not change. */
export function normalized(): Model {
  const inputs = Input([28, 28, 1]);
  let x = new Conv2D(8, 3, { padding: 'same', useBias: false })(inputs);
  x = new layers.BatchNormalization()(x);
  x = new ReLU()(x);
  x = new MaxPooling2D(2)(x);
  x = new Flatten()(x);
  return new Model(inputs, new Dense(10)(x));
}

/** A model as a layer. */
export function nested(): Sequential {
  const body = new Sequential([Input([12]), new Dense(8, { activation: 'relu' }), new Dense(4)], { name: 'body' });
  return new Sequential([Input([12]), body, new Dense(10)]);
}
