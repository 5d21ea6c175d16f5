import {
  Add,
  BatchNormalization,
  Conv2D,
  DepthwiseConv2D,
  GlobalAveragePooling2D,
  ReLU,
  ZeroPadding2D,
} from '../layers/index.ts';
import type { Model } from '../models/index.ts';
import { numberWithin } from '../options.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { type ApplicationOptions, assemble } from './application.ts';

/** Options of {@link MobileNetV2}. */
export interface MobileNetV2Options extends ApplicationOptions {
  /** How wide the network is: the filters of every layer are so many times the paper's; 1 if left out. */
  alpha?: number | undefined;
}

/** The nearest multiple of 8, which is not more than a tenth below. */
function divisible(filters: number): number {
  const near = Math.max(8, Math.floor((filters + 4) / 8) * 8);
  return near < 0.9 * filters ? near + 8 : near;
}

const normalize = (x: Tensor, name: string): Tensor =>
  new BatchNormalization({ epsilon: 1e-3, momentum: 0.999, name })(x);
const relu6 = (x: Tensor, name: string): Tensor => new ReLU(6, { name })(x);
const pointwise = (x: Tensor, filters: number, name: string): Tensor =>
  new Conv2D(filters, 1, { padding: 'same', useBias: false, name })(x);

/** Zeros before a 3×3 convolution with stride 2: none at the start of a side that is even, or not known yet. */
function padding([, height, width]: Shape): number[][] {
  return [height, width].map((side) => [side === null ? 0 : side! % 2, 1]);
}

/** Filters, blocks, and stride of the first block of each stage. */
const stages = [
  [16, 1, 1],
  [24, 2, 2],
  [32, 3, 2],
  [64, 4, 2],
  [96, 3, 1],
  [160, 3, 2],
  [320, 1, 1],
] as const;

/** An inverted residual: to six times the channels, a depthwise convolution there, and back. */
function block(input: Tensor, index: number, filters: number, strides: number): Tensor {
  const prefix = index === 0 ? 'expanded_conv' : `block_${index}`;
  const channels = input.shape.at(-1)!;
  let x = input;
  if (index > 0) {
    x = normalize(pointwise(x, 6 * channels, `${prefix}_expand`), `${prefix}_expand_BN`);
    x = relu6(x, `${prefix}_expand_relu`);
  }
  if (strides === 2) x = new ZeroPadding2D(padding(x.shape), { name: `${prefix}_pad` })(x);
  const conv = { strides, padding: strides === 1 ? 'same' : 'valid', useBias: false } as const;
  x = new DepthwiseConv2D(3, { ...conv, name: `${prefix}_depthwise` })(x);
  x = relu6(normalize(x, `${prefix}_depthwise_BN`), `${prefix}_depthwise_relu`);
  x = normalize(pointwise(x, filters, `${prefix}_project`), `${prefix}_project_BN`);
  return channels === filters && strides === 1 ? new Add({ name: `${prefix}_add` })([input, x]) : x;
}

const body = (alpha: number) => (image: Tensor) => {
  const first = { strides: 2, padding: 'same', useBias: false } as const;
  let x: Tensor = new Conv2D(divisible(32 * alpha), 3, { ...first, name: 'Conv1' })(image);
  x = relu6(normalize(x, 'bn_Conv1'), 'Conv1_relu');
  let index = 0;
  for (const [filters, blocks, strides] of stages) {
    const wide = divisible(Math.trunc(filters * alpha));
    for (let i = 0; i < blocks; i++) x = block(x, index++, wide, i === 0 ? strides : 1);
  }
  // A narrow network has as wide an end as the paper's.
  const last = new Conv2D(alpha > 1 ? divisible(1280 * alpha) : 1280, 1, { useBias: false, name: 'Conv_1' });
  return relu6(normalize(last(x), 'Conv_1_bn'), 'out_relu');
};

const neck = (features: Tensor): Tensor => new GlobalAveragePooling2D()(features);

/**
 * MobileNetV2 (Sandler and others, 2018): inverted residuals of depthwise convolutions, 3,538,984 weights with an alpha
 * of 1. Its own images are float32 [batch, 224, 224, 3], none smaller than 32; the output is [batch, classes].
 *
 * @throws FoveaError `UNSUPPORTED` for weights other than `null`; `BAD_ARGUMENT` for an option that does not fit
 * @see https://keras.io/api/applications/mobilenet/
 */
export function MobileNetV2(options: MobileNetV2Options): Model<Tensor, Tensor> {
  const alpha = numberWithin('MobileNetV2', 'alpha', options?.alpha ?? 1, 0, Infinity);
  // Python writes null so.
  const name = ([height]: Shape) => `mobilenetv2_${alpha.toFixed(2)}_${height ?? 'None'}`;
  const own = { where: 'MobileNetV2', name, options: ['alpha'], size: 224, least: 32 };
  return assemble({ ...own, body: body(alpha), neck }, options);
}
