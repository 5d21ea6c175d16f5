import {
  Activation,
  Add,
  BatchNormalization,
  Conv2D,
  GlobalAveragePooling2D,
  MaxPooling2D,
  ZeroPadding2D,
} from '../layers/index.ts';
import type { Model } from '../models/index.ts';
import type { Tensor } from '../tensor.ts';
import { type ApplicationOptions, assemble } from './application.ts';

/** Options of {@link ResNet50}. */
export interface ResNet50Options extends ApplicationOptions {}

const normalize = (x: Tensor, name: string): Tensor => new BatchNormalization({ axis: 3, epsilon: 1.001e-5, name })(x);
const relu = (x: Tensor, name: string): Tensor => new Activation('relu', { name })(x);

/** A bottleneck of three convolutions beside a shortcut; the first of a stack, which may have a stride, projects it. */
function residual(x: Tensor, filters: number, strides: number, first: boolean, name: string): Tensor {
  const convolve = (from: Tensor, part: number, count: number, size: number, step: number) => {
    const conv = new Conv2D(count, size, {
      strides: step,
      padding: size > 1 ? 'same' : 'valid',
      name: `${name}_${part}_conv`,
    });
    return normalize(conv(from), `${name}_${part}_bn`);
  };
  const shortcut = first ? convolve(x, 0, 4 * filters, 1, strides) : x;
  let y = relu(convolve(x, 1, filters, 1, strides), `${name}_1_relu`);
  y = relu(convolve(y, 2, filters, 3, 1), `${name}_2_relu`);
  y = convolve(y, 3, 4 * filters, 1, 1);
  return relu(new Add({ name: `${name}_add` })([shortcut, y]), `${name}_out`);
}

/** Filters, blocks, and stride of each stack. */
const stacks = [
  [64, 3, 1],
  [128, 4, 2],
  [256, 6, 2],
  [512, 3, 2],
] as const;

function body(image: Tensor): Tensor {
  let x: Tensor = new ZeroPadding2D(3, { name: 'conv1_pad' })(image);
  x = new Conv2D(64, 7, { strides: 2, name: 'conv1_conv' })(x);
  x = relu(normalize(x, 'conv1_bn'), 'conv1_relu');
  x = new ZeroPadding2D(1, { name: 'pool1_pad' })(x);
  x = new MaxPooling2D(3, 2, { name: 'pool1_pool' })(x);
  for (const [i, [filters, blocks, strides]] of stacks.entries()) {
    for (let block = 1; block <= blocks; block++)
      x = residual(x, filters, block === 1 ? strides : 1, block === 1, `conv${i + 2}_block${block}`);
  }
  return x;
}

const neck = (features: Tensor): Tensor => new GlobalAveragePooling2D({ name: 'avg_pool' })(features);

/**
 * ResNet-50 (He and others, 2015), with the stride in a block's first convolution, as Keras has it: 25,636,712 weights.
 * Its own images are float32 [batch, 224, 224, 3], none smaller than 32; the output is [batch, classes].
 *
 * @throws FoveaError `UNSUPPORTED` for weights other than `null`; `BAD_ARGUMENT` for an option that does not fit
 * @see https://keras.io/api/applications/resnet/
 */
export function ResNet50(options: ResNet50Options): Model<Tensor, Tensor> {
  const pools = { avg: 'avg_pool', max: 'max_pool' };
  return assemble({ where: 'ResNet50', name: 'resnet50', size: 224, least: 32, body, neck, pools }, options);
}
