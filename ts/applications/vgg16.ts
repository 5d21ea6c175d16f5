import { Conv2D, Dense, Flatten, MaxPooling2D } from '../layers/index.ts';
import type { Model } from '../models/index.ts';
import type { Tensor } from '../tensor.ts';
import { type ApplicationOptions, assemble } from './application.ts';

/** Options of {@link VGG16}. */
export interface VGG16Options extends ApplicationOptions {}

/** The filters of each convolution, block by block. */
const blocks = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

function body(image: Tensor): Tensor {
  let x = image;
  for (const [i, convolutions] of blocks.entries()) {
    const name = (part: string) => `block${i + 1}_${part}`;
    for (const [j, filters] of convolutions.entries())
      x = new Conv2D(filters, 3, { padding: 'same', activation: 'relu', name: name(`conv${j + 1}`) })(x);
    x = new MaxPooling2D(2, 2, { name: name('pool') })(x);
  }
  return x;
}

function neck(features: Tensor): Tensor {
  const x = new Dense(4096, { activation: 'relu', name: 'fc1' })(new Flatten({ name: 'flatten' })(features));
  return new Dense(4096, { activation: 'relu', name: 'fc2' })(x);
}

/**
 * VGG16 (Simonyan and Zisserman, 2014): thirteen 3×3 convolutions and three dense layers, 138,357,544 weights. Its own
 * images are float32 [batch, 224, 224, 3], none smaller than 32; the output is [batch, classes].
 *
 * @throws FoveaError `UNSUPPORTED` for weights other than `null`; `BAD_ARGUMENT` for an option that does not fit
 * @see https://keras.io/api/applications/vgg/
 */
export function VGG16(options: VGG16Options): Model<Tensor, Tensor> {
  return assemble({ where: 'VGG16', name: 'vgg16', size: 224, least: 32, body, neck }, options);
}
