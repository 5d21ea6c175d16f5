import { whole } from '../errors.ts';
import { sizes } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike } from './apply.ts';
import { optionsOf, type Padding, paddingOf } from './arguments.ts';

/** Exponentials that sum to 1 along an axis, the last if left out. */
export function softmax(x: TensorLike, axis = -1): Tensor {
  return apply('softmax', { axis: whole('softmax', 'axis', axis) }, [x])[0]!;
}

/** The logarithm of softmax, without its rounding. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  return apply('logSoftmax', { axis: whole('logSoftmax', 'axis', axis) }, [x])[0]!;
}

/** What {@link conv2d} takes. */
export interface ConvOptions {
  /** 1 if left out. */
  strides?: number | readonly [number, number] | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
  /** The distance of the kernel's elements, 1 if left out. */
  dilationRate?: number | readonly [number, number] | undefined;
  /** Into how many parts the channels fall that know nothing of each other; 1 if left out. */
  groups?: number | undefined;
}

/**
 * Convolves images [n, h, w, c] with kernels [kh, kw, c / groups, filters]: [n, h', w', filters].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the kernel does not fit
 */
export function conv2d(x: TensorLike, kernel: TensorLike, options?: ConvOptions): Tensor {
  const names = ['strides', 'padding', 'dilationRate', 'groups'] as const;
  const {
    strides = 1,
    padding = 'valid',
    dilationRate = 1,
    groups = 1,
  } = optionsOf<ConvOptions>('conv2d', options, [...names]);
  const attributes = {
    strides: sizes('conv2d', 'strides', strides),
    dilation: sizes('conv2d', 'dilationRate', dilationRate),
    groups: whole('conv2d', 'groups', groups, 1),
    padding: paddingOf('conv2d', padding),
  };
  return apply('conv2d', attributes, [x, kernel])[0]!;
}

/** What pooling takes. */
export interface PoolOptions {
  /** The pool's size, if left out. */
  strides?: number | readonly [number, number] | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
}

function pool(
  name: 'maxPool2d' | 'avgPool2d',
  x: TensorLike,
  poolSize: unknown,
  options: PoolOptions | undefined,
): Tensor {
  const { strides = poolSize, padding = 'valid' } = optionsOf<PoolOptions>(name, options, ['strides', 'padding']);
  const attributes = {
    poolSize: sizes(name, 'poolSize', poolSize),
    strides: sizes(name, 'strides', strides),
    padding: paddingOf(name, padding),
  };
  return apply(name, attributes, [x])[0]!;
}

/** The largest of each window of images [n, h, w, c]: [n, h', w', c]. */
export function maxPool2d(x: TensorLike, poolSize: number | readonly [number, number], options?: PoolOptions): Tensor {
  return pool('maxPool2d', x, poolSize, options);
}

/** The mean of each window of images [n, h, w, c]: [n, h', w', c]; padding does not count. */
export function avgPool2d(x: TensorLike, poolSize: number | readonly [number, number], options?: PoolOptions): Tensor {
  return pool('avgPool2d', x, poolSize, options);
}
