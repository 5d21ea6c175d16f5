// Type tests: this file compiles, and where it says that an error is expected there is one.
import { Input, Layer, type Tensor } from 'fovea';
import { Conv2D, Convolution2D, Dense, Dropout, Flatten, MaxPool2D, MaxPooling2D, Rescaling } from 'fovea/layers';
import { same } from './same.js';

const x: Tensor = Input([28, 28, 1]);
const newed: Tensor = new Input({ shape: [28, 28, 1], batchSize: 4, dtype: 'uint8', name: 'image' });
const sides = [28, 28, 1] as const;
Input(sides);

// A layer can be called, with the types of its call.
const y = new Dense(10)(x);
same<typeof y, Tensor>(true);
const dropped = new Dropout(0.5)(y, { training: true });
same<typeof dropped, Tensor>(true);
new Conv2D(32, 5, { activation: 'relu' })(x);
new Conv2D(32, [3, 3], 2, { padding: 'same' })(newed);
new Conv2D({ filters: 32, kernelSize: 3, name: undefined });
new MaxPooling2D(2);
new MaxPool2D();
new Rescaling(1 / 255);
const alias: Conv2D = new Convolution2D(1, 1);

// Typos are errors.
// @ts-expect-error unknown option
new Conv2D(32, 5, { activaton: 'relu' });
// @ts-expect-error unknown activation
new Dense(10, { activation: 'rellu' });
// @ts-expect-error Keras's spelling
new Dense(10, { use_bias: false });
// @ts-expect-error no number
new Dense('10');
// @ts-expect-error unknown padding
new MaxPooling2D(2, { padding: 'full' });
// @ts-expect-error not a tensor
new Flatten()(3);
// @ts-expect-error unknown option of a call
new Flatten()(x, { train: true });

// What goes in and comes out is what `call` says.
class Split extends Layer {
  override call({ a, b }: { a: Tensor; b: Tensor }): [Tensor, Tensor] {
    return [a, b];
  }
}
const parts = new Split()({ a: x, b: x });
same<typeof parts, [Tensor, Tensor]>(true);
// @ts-expect-error b is missing
new Split()({ a: x });

const again: Dense = Dense.fromConfig<Dense>(new Dense(3).getConfig());

export { again, alias };
