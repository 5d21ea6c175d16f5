import { sizesOf } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type TensorLike, toTensor } from './apply.ts';
import { optionsOf, type Padding, paddingOf } from './arguments.ts';
import { adaptivePooling, type PoolKind, pooling, spaceOf } from './spatial.ts';

/** What pooling takes. */
export interface PoolOptions {
  /** How far windows are apart: one number, or one for each axis; the pool's size if left out. */
  strides?: number | readonly number[] | null | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
}

function pool(
  where: string,
  kind: PoolKind,
  x: TensorLike,
  poolSize: unknown,
  options: PoolOptions | undefined,
  wanted?: number,
): Tensor {
  const { strides, padding = 'valid' } = optionsOf<PoolOptions>(where, options, ['strides', 'padding']);
  const t = toTensor(x, where);
  const axes = spaceOf(where, t, wanted);
  return pooling(kind, t, {
    poolSize: sizesOf(where, 'poolSize', poolSize, axes),
    strides: sizesOf(where, 'strides', strides ?? poolSize, axes),
    padding: paddingOf(where, padding, axes),
  });
}

/**
 * The largest of each window of [batch, …, channels], with one to three axes between: [batch, …', channels]. Of equals
 * the first one has the gradient.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the pool does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function maxPool(x: TensorLike, poolSize: number | readonly number[], options?: PoolOptions): Tensor {
  return pool('maxPool', 'max', x, poolSize, options);
}

/**
 * The mean of each window of [batch, …, channels], with one to three axes between: [batch, …', channels]; padding does
 * not count.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the pool does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function averagePool(x: TensorLike, poolSize: number | readonly number[], options?: PoolOptions): Tensor {
  return pool('averagePool', 'average', x, poolSize, options);
}

/** The largest of each window of images [n, h, w, c]: [n, h', w', c]. */
export function maxPool2d(x: TensorLike, poolSize: number | readonly number[], options?: PoolOptions): Tensor {
  return pool('maxPool2d', 'max', x, poolSize, options, 2);
}

/** The mean of each window of images [n, h, w, c]: [n, h', w', c]; padding does not count. */
export function avgPool2d(x: TensorLike, poolSize: number | readonly number[], options?: PoolOptions): Tensor {
  return pool('avgPool2d', 'average', x, poolSize, options, 2);
}

function adaptive(where: string, kind: PoolKind, x: TensorLike, outputSize: unknown): Tensor {
  const t = toTensor(x, where);
  return adaptivePooling(kind, t, sizesOf(where, 'outputSize', outputSize, spaceOf(where, t)));
}

/**
 * The largest of each of so many windows along each axis of [batch, …, channels], which share a side of `n` evenly: the
 * `i`-th from ⌊i · n / size⌋ up to, without, ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH`, `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function adaptiveMaxPool(x: TensorLike, outputSize: number | readonly number[]): Tensor {
  return adaptive('adaptiveMaxPool', 'max', x, outputSize);
}

/**
 * The mean of each of so many windows along each axis of [batch, …, channels], which share a side of `n` evenly: the
 * `i`-th from ⌊i · n / size⌋ up to, without, ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH`, `BAD_ARGUMENT`
 * @see https://keras.io/api/ops/nn/
 */
export function adaptiveAveragePool(x: TensorLike, outputSize: number | readonly number[]): Tensor {
  return adaptive('adaptiveAveragePool', 'average', x, outputSize);
}
