import { badArgument, finite, shown, whole } from '../../errors.ts';
import { sizes } from '../../options.ts';
import { eye } from '../../tensor/create.ts';
import { tensor } from '../../tensor/from.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { apply, type TensorLike } from '../apply.ts';
import { optionsOf, sameShape } from '../arguments.ts';
import { concat, outer, stack } from '../combine.ts';
import { type ConvOptions, conv2d, depthwiseConv } from '../conv.ts';
import { add, cast, div, exp, mul, square, sub } from '../elementwise.ts';
import { mean, sum } from '../reduce.ts';
import { broadcastTo, expandDims, reshape } from '../shape.ts';
import { gather } from '../slicing.ts';
import { batched, imagesOf } from './images.ts';

/** The Gaussian bell over `size` pixels, which sums to 1; `sigma` is a number or a tensor. */
function bell(size: number, sigma: TensorLike): Tensor {
  const x = sub(apply('iota', { dtype: 'float32', shape: [size], axis: 0 }, [])[0]!, (size - 1) / 2);
  const values = exp(mul(square(div(x, sigma)), -0.5));
  return div(values, sum(values));
}

/**
 * Float32 images [h, w, c] or [n, h, w, c] blurred with a Gaussian bell; outside they are 0.
 *
 * @param kernelSize over how many pixels, [height, width]; 3 if left out
 * @param sigma the bell's deviation in pixels, 1 if left out; two numbers or tensors are those along height and width
 * @see https://keras.io/api/ops/image/#gaussianblur-function
 */
export function gaussianBlur(
  images: TensorLike,
  kernelSize: number | readonly [number, number] = 3,
  sigma: number | readonly [TensorLike, TensorLike] = 1,
): Tensor {
  const t = imagesOf('gaussianBlur', images);
  const [height, width] = sizes('gaussianBlur', 'kernelSize', kernelSize);
  const sigmas = Array.isArray(sigma) ? sigma : [sigma, sigma];
  if (sigmas.length !== 2)
    throw badArgument('gaussianBlur', `sigma must be a number or two of them; received ${shown(sigma)}.`);
  // Keras names its first bell x, and lays the product out by rows of the second.
  const [x, y] = [bell(height, sigmas[0] as TensorLike), bell(width, sigmas[1] as TensorLike)];
  const window = mul(reshape(y, [-1, 1]), x);
  return depthwise(t, reshape(window, [height, width, 1, 1]));
}

/** Each channel convolved with one window [h, w, 1, 1]; outside the images are 0. */
function depthwise(images: Tensor, window: Tensor): Tensor {
  const kernel = broadcastTo(window, [window.dim(0), window.dim(1), images.dim(-1), 1]);
  return batched(images, (batch) => depthwiseConv(batch, kernel, { padding: 'same' }));
}

/** What {@link extractPatches} takes. */
export interface PatchOptions {
  /** The distance of patches; their size, if left out. */
  strides?: number | readonly [number, number] | null | undefined;
  /** The distance of a patch's pixels, 1 if left out. */
  dilationRate?: number | readonly [number, number] | undefined;
  /** `'valid'` if left out. */
  padding?: ConvOptions['padding'];
}

/**
 * The patches of images [h, w, c] or [n, h, w, c], each flattened: [..., rows, columns, size[0] · size[1] · c].
 *
 * @see https://keras.io/api/ops/image/#extractpatches-function
 */
export function extractPatches(
  images: TensorLike,
  size: number | readonly [number, number],
  options?: PatchOptions,
): Tensor {
  const name = 'extractPatches';
  const read = optionsOf<PatchOptions>(name, options, ['strides', 'dilationRate', 'padding']);
  const t = imagesOf(name, images);
  const [height, width] = sizes(name, 'size', size);
  const { strides = size, dilationRate = 1, padding = 'valid' } = read;
  const channels = t.dim(-1);
  const count = height * width * channels;
  const kernel = reshape(eye(count), [height, width, channels, count]);
  const cut = (batch: Tensor) => conv2d(batch, kernel, { strides: strides ?? size, dilationRate, padding });
  return cast(batched(cast(t, 'float32'), cut), t.dtype);
}

/**
 * How steeply float32 images [n, h, w, c] rise downwards and to the right, by Sobel's windows: [n, h, w, c, 2]. Outside
 * they are mirrored without their edge.
 *
 * @throws FoveaError `BAD_ARGUMENT` for one image, and for images of a single row or column
 * @see https://keras.io/api/ops/image/#sobeledges-function
 */
export function sobelEdges(images: TensorLike): Tensor {
  const t = imagesOf('sobelEdges', images);
  if (t.rank !== 4 || t.shape[1] === 1 || t.shape[2] === 1)
    throw badArgument('sobelEdges', `images must be [batch, height, width, channels] of 2 × 2 or more; received ${t}.`);
  const [rise, smooth] = [tensor([-1, 0, 1]), tensor([1, 2, 1])];
  const windows = stack([outer(rise, smooth), outer(smooth, rise)], -1);
  const channels = t.dim(-1);
  const kernel = broadcastTo(expandDims(windows, 2), [3, 3, channels, 2]);
  const edges = depthwiseConv(reflected(reflected(t, 1), 2), kernel);
  return reshape(edges, [t.shape[0] ?? -1, t.dim(1), t.dim(2), channels, 2]);
}

/** An axis with its second element put in front, and the last but one behind. */
function reflected(x: Tensor, axis: number): Tensor {
  const last = x.dim(axis) - 1;
  return concat([gather(x, [1], axis), x, gather(x, [last - 1], axis)], axis);
}

/** What {@link ssim} takes. */
export interface SsimOptions {
  /** The greatest value that a pixel can have, 1 if left out. */
  maxVal?: number | undefined;
  /** Over how many pixels along each axis images are compared, 11 if left out. */
  filterSize?: number | undefined;
  /** The deviation of the bell that weights them, in pixels, 1.5 if left out. */
  filterSigma?: number | undefined;
  /** Keeps the comparison of brightness steady where it is dark, 0.01 if left out. */
  k1?: number | undefined;
  /** Keeps the comparison of contrast steady where there is little, 0.03 if left out. */
  k2?: number | undefined;
}

/**
 * How alike images [h, w, c] or [n, h, w, c] look, from -1 to 1 (the structural similarity index): one number for each
 * pair, [] or [n], of the images' dtype.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for different shapes, and where the filter is larger than the images
 * @see https://keras.io/api/ops/image/#ssim-function
 */
export function ssim(images: TensorLike, others: TensorLike, options?: SsimOptions): Tensor {
  const names: (keyof SsimOptions)[] = ['maxVal', 'filterSize', 'filterSigma', 'k1', 'k2'];
  const given = optionsOf<SsimOptions>('ssim', options, names);
  const number = (field: 'maxVal' | 'filterSigma' | 'k1' | 'k2', usual: number) =>
    finite('ssim', field, given[field] ?? usual);
  const [maxVal, k1, k2] = [number('maxVal', 1), number('k1', 0.01), number('k2', 0.03)];
  const size = whole('ssim', 'filterSize', given.filterSize ?? 11, 1);
  const [one, other] = [imagesOf('ssim', images), imagesOf('ssim', others)];
  sameShape('ssim', one, other);
  const curve = bell(size, number('filterSigma', 1.5));
  const kernel = broadcastTo(expandDims(outer(curve, curve), [2, 3]), [size, size, one.dim(-1), 1]);
  const local = (x: Tensor) => batched(x, (batch) => depthwiseConv(batch, kernel));
  const [x, y] = [cast(one, 'float32'), cast(other, 'float32')];
  const [a, b] = [local(x), local(y)];
  const [c1, c2] = [(k1 * maxVal) ** 2, (k2 * maxVal) ** 2];
  const both = mul(a, b);
  const squares = add(square(a), square(b));
  const covariance = sub(local(mul(x, y)), both);
  const variances = sub(local(add(square(x), square(y))), squares);
  const top = mul(add(mul(both, 2), c1), add(mul(covariance, 2), c2));
  const bottom = mul(add(squares, c1), add(variances, c2));
  return cast(mean(div(top, bottom), [-3, -2, -1]), one.dtype);
}
