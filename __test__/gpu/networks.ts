import { Input, Sequential, setSeed, tensor } from 'fovea';
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D, Rescaling } from 'fovea/layers';
import { SparseCategoricalCrossentropy } from 'fovea/losses';

/** The networks of the examples; every layer is `narrow` times as narrow. */
const networks = {
  mnist: (narrow: number) => {
    const model = new Sequential([
      Input([28, 28, 1]),
      new Rescaling(1 / 255),
      new Conv2D(32 / narrow, 5, { activation: 'relu' }),
      new MaxPooling2D(2),
      new Conv2D(64 / narrow, 3, { activation: 'relu' }),
      new MaxPooling2D(2),
      new Flatten(),
      new Dense(1024 / narrow, { activation: 'relu' }),
      new Dropout(0.5, { seed: 5 }),
      new Dense(10),
    ]);
    const loss = new SparseCategoricalCrossentropy({ fromLogits: true });
    model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] });
    return model;
  },
  notebook: (narrow: number) => {
    const model = new Sequential([
      Input([28, 28, 1]),
      new Rescaling(1 / 255),
      new Conv2D(32 / narrow, [3, 3], { activation: 'relu' }),
      new MaxPooling2D([2, 2]),
      new Conv2D(64 / narrow, [3, 3], { activation: 'relu' }),
      new MaxPooling2D([2, 2]),
      new Conv2D(64 / narrow, [3, 3], { activation: 'relu' }),
      new Flatten(),
      new Dense(64 / narrow, { activation: 'relu' }),
      new Dense(10, { activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return model;
  },
};

/** The names of the networks. */
export type Name = keyof typeof networks;

/** A network with the weights of a fixed seed, narrow unless said otherwise: a software GPU is slow. */
export function network(name: Name, narrow = 4): Sequential {
  setSeed(11);
  return networks[name](narrow);
}

/** Pictures in which the class decides which columns are bright, and their labels as the network wants them. */
export function pictures(name: Name, count: number) {
  const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => {
    const label = Math.floor(i / 784) % 10;
    const noise = (Math.imul(i + 1, 0x9e3779b1) >>> 25) % 64;
    return noise + (Math.floor((i % 28) / 3) === label ? 160 : 0);
  });
  const classes = Int32Array.from({ length: count }, (_, i) => i % 10);
  const oneHot = Float32Array.from({ length: count * 10 }, (_, i) => (i % 10 === classes[Math.floor(i / 10)] ? 1 : 0));
  const x = tensor(pixels, { shape: [count, 28, 28, 1] });
  const y = name === 'mnist' ? tensor(classes, { shape: [count] }) : tensor(oneHot, { shape: [count, 10] });
  return { x, y };
}
