import {
  Activation,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv2D,
  GlobalAveragePooling2D,
  MaxPooling2D,
} from '../layers/index.ts';
import type { Model } from '../models/index.ts';
import type { Tensor } from '../tensor.ts';
import { type ApplicationOptions, assemble } from './application.ts';

/** Options of {@link InceptionV3}. */
export interface InceptionV3Options extends ApplicationOptions {}

/** One convolution: its filters, its window's height and width. */
type Conv = readonly [filters: number, height: number, width: number];

/** A convolution without bias, normalisation without scale, ReLU. */
function convolve(x: Tensor, [filters, height, width]: Conv, strides = 1, padding: 'same' | 'valid' = 'same'): Tensor {
  const conv = new Conv2D(filters, [height, width], { strides, padding, useBias: false });
  return new Activation('relu')(new BatchNormalization({ axis: 3, scale: false })(conv(x)));
}

/** Convolutions one after the other. */
const chain = (x: Tensor, ...convs: Conv[]): Tensor => convs.reduce((y, conv) => convolve(y, conv), x);

/** Convolutions of which the last halves the sides. */
const narrowing = (x: Tensor, ...convs: Conv[]): Tensor =>
  convolve(chain(x, ...convs.slice(0, -1)), convs.at(-1)!, 2, 'valid');

const largest = (x: Tensor): Tensor => new MaxPooling2D(3, 2)(x);
const mean = (x: Tensor): Tensor => new AveragePooling2D(3, 1, 'same')(x);
const join = (name: string | undefined, ...branches: Tensor[]): Tensor => new Concatenate(3, { name })(branches);

function stem(image: Tensor): Tensor {
  let x = convolve(image, [32, 3, 3], 2, 'valid');
  x = convolve(x, [32, 3, 3], 1, 'valid');
  x = largest(convolve(x, [64, 3, 3]));
  x = convolve(x, [80, 1, 1], 1, 'valid');
  return largest(convolve(x, [192, 3, 3], 1, 'valid'));
}

/** 35 × 35: windows of 1, 5, and twice 3. */
function wide(x: Tensor, pooled: number, name: string): Tensor {
  const one = chain(x, [64, 1, 1]);
  const five = chain(x, [48, 1, 1], [64, 5, 5]);
  const three = chain(x, [64, 1, 1], [96, 3, 3], [96, 3, 3]);
  return join(name, one, five, three, chain(mean(x), [pooled, 1, 1]));
}

/** 17 × 17: windows of 7 as 1 × 7 and 7 × 1. */
function middle(x: Tensor, n: number, name: string): Tensor {
  const one = chain(x, [192, 1, 1]);
  const seven = chain(x, [n, 1, 1], [n, 1, 7], [192, 7, 1]);
  const twice = chain(x, [n, 1, 1], [n, 7, 1], [n, 1, 7], [n, 7, 1], [192, 1, 7]);
  return join(name, one, seven, twice, chain(mean(x), [192, 1, 1]));
}

/** 8 × 8: windows of 3 that go two ways at once. */
function deep(x: Tensor, index: number): Tensor {
  const both = (y: Tensor, name?: string) => join(name, convolve(y, [384, 1, 3]), convolve(y, [384, 3, 1]));
  const one = chain(x, [320, 1, 1]);
  const three = both(chain(x, [384, 1, 1]), `mixed9_${index}`);
  const twice = both(chain(x, [448, 1, 1], [384, 3, 3]));
  return join(`mixed${9 + index}`, one, three, twice, chain(mean(x), [192, 1, 1]));
}

function body(image: Tensor): Tensor {
  let x = stem(image);
  for (const [i, pooled] of [32, 64, 64].entries()) x = wide(x, pooled, `mixed${i}`);
  const three = narrowing(x, [384, 3, 3]);
  x = join('mixed3', three, narrowing(x, [64, 1, 1], [96, 3, 3], [96, 3, 3]), largest(x));
  for (const [i, n] of [128, 160, 160, 192].entries()) x = middle(x, n, `mixed${4 + i}`);
  const last = narrowing(x, [192, 1, 1], [320, 3, 3]);
  x = join('mixed8', last, narrowing(x, [192, 1, 1], [192, 1, 7], [192, 7, 1], [192, 3, 3]), largest(x));
  return deep(deep(x, 0), 1);
}

const neck = (features: Tensor): Tensor => new GlobalAveragePooling2D({ name: 'avg_pool' })(features);

/**
 * Inception v3 (Szegedy and others, 2015): windows of several sizes side by side, 23,851,784 weights. Its own images are
 * float32 [batch, 299, 299, 3], none smaller than 75; the output is [batch, classes].
 *
 * @throws FoveaError `UNSUPPORTED` for weights other than `null`; `BAD_ARGUMENT` for an option that does not fit
 * @see https://keras.io/api/applications/inceptionv3/
 */
export function InceptionV3(options: InceptionV3Options): Model<Tensor, Tensor> {
  return assemble({ where: 'InceptionV3', name: 'inception_v3', size: 299, least: 75, body, neck }, options);
}
