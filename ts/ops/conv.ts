import { FoveaError, oneOf, whole } from '../errors.ts';
import { sizesOf } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { optionsOf, type Padding, paddingOf } from './arguments.ts';
import { convolution, spaceOf } from './spatial.ts';

/** What {@link depthwiseConv} and {@link separableConv} take. */
export interface DepthwiseConvOptions {
  /** How far windows are apart: one number, or one for each axis; 1 if left out. */
  strides?: number | readonly number[] | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
  /** The distance of the kernel's elements: one number, or one for each axis; 1 if left out. */
  dilationRate?: number | readonly number[] | undefined;
}

/** What {@link conv} takes. */
export interface ConvOptions extends DepthwiseConvOptions {
  /** Into how many parts the channels fall that know nothing of each other; 1 if left out. */
  groups?: number | undefined;
}

/** What {@link convTranspose} takes. */
export interface ConvTransposeOptions {
  /** How far windows are apart in the output: one number, or one for each axis; 1 if left out. */
  strides?: number | readonly number[] | undefined;
  /** `'valid'` if left out. */
  padding?: 'valid' | 'same' | undefined;
  /** How much longer the output is: one number, or one for each axis, below the stride; follows if left out. */
  outputPadding?: number | readonly number[] | null | undefined;
  /** The distance of the kernel's elements: one number, or one for each axis; 1 if left out. */
  dilationRate?: number | readonly number[] | undefined;
}

const windowOptions: (keyof DepthwiseConvOptions)[] = ['strides', 'padding', 'dilationRate'];

function windowOf(where: string, options: DepthwiseConvOptions, axes: number) {
  return {
    strides: sizesOf(where, 'strides', options.strides ?? 1, axes),
    dilation: sizesOf(where, 'dilationRate', options.dilationRate ?? 1, axes),
    padding: paddingOf(where, options.padding ?? 'valid', axes),
  };
}

function convolve(
  where: string,
  x: TensorLike,
  kernel: TensorLike,
  options: ConvOptions | undefined,
  wanted?: number,
): Tensor {
  const given = optionsOf<ConvOptions>(where, options, [...windowOptions, 'groups']);
  const t = toTensor(x, where);
  const axes = spaceOf(where, t, wanted);
  const groups = whole(where, 'groups', given.groups ?? 1, 1);
  return convolution(t, toTensor(kernel, where), { ...windowOf(where, given, axes), groups });
}

/**
 * Convolves [batch, …, channels], with one to three axes between, with a kernel
 * [window…, channels / groups, filters]: [batch, …', filters].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function conv(x: TensorLike, kernel: TensorLike, options?: ConvOptions): Tensor {
  return convolve('conv', x, kernel, options);
}

/**
 * Convolves sequences [n, w, c] with a kernel [k, c / groups, filters]: [n, w', filters].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the kernel does not fit; `BAD_ARGUMENT`
 */
export function conv1d(x: TensorLike, kernel: TensorLike, options?: ConvOptions): Tensor {
  return convolve('conv1d', x, kernel, options, 1);
}

/**
 * Convolves images [n, h, w, c] with a kernel [kh, kw, c / groups, filters]: [n, h', w', filters].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the kernel does not fit; `BAD_ARGUMENT`
 */
export function conv2d(x: TensorLike, kernel: TensorLike, options?: ConvOptions): Tensor {
  return convolve('conv2d', x, kernel, options, 2);
}

/**
 * Convolves volumes [n, d, h, w, c] with a kernel [kd, kh, kw, c / groups, filters]: [n, d', h', w', filters].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the kernel does not fit; `BAD_ARGUMENT`
 */
export function conv3d(x: TensorLike, kernel: TensorLike, options?: ConvOptions): Tensor {
  return convolve('conv3d', x, kernel, options, 3);
}

function turnedAround(
  where: string,
  x: TensorLike,
  kernel: TensorLike,
  options: ConvTransposeOptions | undefined,
  wanted?: number,
): Tensor {
  const names: (keyof ConvTransposeOptions)[] = ['strides', 'padding', 'outputPadding', 'dilationRate'];
  const given = optionsOf<ConvTransposeOptions>(where, options, names);
  const t = toTensor(x, where);
  const axes = spaceOf(where, t, wanted);
  const more = given.outputPadding ?? null;
  const attributes = {
    strides: sizesOf(where, 'strides', given.strides ?? 1, axes),
    dilation: sizesOf(where, 'dilationRate', given.dilationRate ?? 1, axes),
    padding: oneOf(where, 'padding', given.padding ?? 'valid', ['valid', 'same'] as const),
    outputPadding: more === null ? null : sizesOf(where, 'outputPadding', more, axes, 0),
  };
  return apply('convTranspose', attributes, [t, kernel])[0]!;
}

/**
 * The gradient of a convolution for its input: [batch, …, channels], with one to three axes between, and a kernel
 * [window…, filters, channels] give [batch, …', filters]. With padding `'same'` a side becomes side · stride, with
 * `'valid'` (side − 1) · stride + max(window, stride); with `outputPadding` (side − 1) · stride + window % 2 +
 * outputPadding and (side − 1) · stride + window + outputPadding.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if channels differ, or no convolution makes the input of such an output;
 *   `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function convTranspose(x: TensorLike, kernel: TensorLike, options?: ConvTransposeOptions): Tensor {
  return turnedAround('convTranspose', x, kernel, options);
}

/** {@link convTranspose} of sequences [n, w, c] with a kernel [k, filters, c]: [n, w', filters]. */
export function conv1dTranspose(x: TensorLike, kernel: TensorLike, options?: ConvTransposeOptions): Tensor {
  return turnedAround('conv1dTranspose', x, kernel, options, 1);
}

/** {@link convTranspose} of images [n, h, w, c] with a kernel [kh, kw, filters, c]: [n, h', w', filters]. */
export function conv2dTranspose(x: TensorLike, kernel: TensorLike, options?: ConvTransposeOptions): Tensor {
  return turnedAround('conv2dTranspose', x, kernel, options, 2);
}

/** {@link convTranspose} of volumes [n, d, h, w, c] with a kernel [kd, kh, kw, filters, c]: [n, d', h', w', filters]. */
export function conv3dTranspose(x: TensorLike, kernel: TensorLike, options?: ConvTransposeOptions): Tensor {
  return turnedAround('conv3dTranspose', x, kernel, options, 3);
}

/**
 * Convolves each channel of [batch, …, channels] with windows of its own, of a kernel
 * [window…, channels, multiplier]: [batch, …', channels · multiplier].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function depthwiseConv(x: TensorLike, kernel: TensorLike, options?: DepthwiseConvOptions): Tensor {
  const given = optionsOf<DepthwiseConvOptions>('depthwiseConv', options, windowOptions);
  const t = toTensor(x, 'depthwiseConv');
  const axes = spaceOf('depthwiseConv', t);
  return apply('depthwiseConv', windowOf('depthwiseConv', given, axes), [t, kernel])[0]!;
}

/**
 * {@link depthwiseConv}, then a convolution with a pointwise kernel [1…, channels · multiplier, filters] that mixes
 * the channels: [batch, …', filters].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if a kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function separableConv(
  x: TensorLike,
  depthwiseKernel: TensorLike,
  pointwiseKernel: TensorLike,
  options?: DepthwiseConvOptions,
): Tensor {
  const given = optionsOf<DepthwiseConvOptions>('separableConv', options, windowOptions);
  const t = toTensor(x, 'separableConv');
  const axes = spaceOf('separableConv', t);
  const pointwise = toTensor(pointwiseKernel, 'separableConv');
  if (pointwise.rank !== axes + 2 || pointwise.shape.slice(0, axes).some((side) => side !== 1)) {
    throw new FoveaError(
      'SHAPE_MISMATCH',
      `separableConv: expected a pointwise kernel whose window is 1 along each axis; received ${pointwise}.`,
      'separableConv',
    );
  }
  const filtered = apply('depthwiseConv', windowOf('separableConv', given, axes), [t, depthwiseKernel])[0]!;
  return convolve('separableConv', filtered, pointwise, undefined, axes);
}
