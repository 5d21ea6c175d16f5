import { Input, type Model, Sequential } from 'fovea';
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D } from 'fovea/layers';
import { CategoricalCrossentropy, type Loss, SparseCategoricalCrossentropy } from 'fovea/losses';
import { Adam, type Optimizer, RMSprop } from 'fovea/optimizers';
import type { Net } from '../harness/options.ts';

/** A network with what trains it: the same as in bench/peers. */
export interface Network {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly loss: Loss;
}

/** The network of examples/mnist.ts, or that of examples/keras-notebook.ts. */
export function build(net: Net): Network {
  return net === 'mnist' ? mnist() : notebook();
}

function mnist(): Network {
  const model = new Sequential([
    Input([28, 28, 1]),
    new Conv2D(32, 5, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Flatten(),
    new Dense(1024, { activation: 'relu' }),
    new Dropout(0.5),
    new Dense(10),
  ]);
  return { model, optimizer: new Adam(1e-3), loss: new SparseCategoricalCrossentropy({ fromLogits: true }) };
}

function notebook(): Network {
  const model = new Sequential([
    Input([28, 28, 1]),
    new Conv2D(32, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new Flatten(),
    new Dense(64, { activation: 'relu' }),
    new Dense(10, { activation: 'softmax' }),
  ]);
  return { model, optimizer: new RMSprop(1e-3), loss: new CategoricalCrossentropy() };
}
