import { badArgument, finite, whole } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { floats, sameShape } from './arguments.ts';
import { log10, mul, square, sub } from './elementwise.ts';
import { mean } from './reduce.ts';
import { reshape, transpose } from './shape.ts';
import { spaceOf } from './spatial.ts';

export * from './conv.ts';
export * from './pool.ts';

/** Exponentials that sum to 1 along an axis, the last if left out. */
export function softmax(x: TensorLike, axis = -1): Tensor {
  return apply('softmax', { axis: whole('softmax', 'axis', axis) }, [x])[0]!;
}

/** The logarithm of softmax, without its rounding. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  return apply('logSoftmax', { axis: whole('logSoftmax', 'axis', axis) }, [x])[0]!;
}

/**
 * Channels laid out as blocks of pixels (pixel shuffle): images [n, h, w, blockSize² · c] as [n, h · blockSize,
 * w · blockSize, c], of the same dtype. A block is filled row by row, each of its pixels with c channels in a row.
 *
 * @param blockSize the side of a block, at least 2
 * @throws FoveaError `BAD_ARGUMENT` unless blockSize² divides the channels; `SHAPE_MISMATCH` unless there are four axes
 * @see https://keras.io/api/ops/nn/#depthtospace-function
 */
export function depthToSpace(x: TensorLike, blockSize: number): Tensor {
  const side = whole('depthToSpace', 'blockSize', blockSize, 2);
  const t = toTensor(x, 'depthToSpace');
  spaceOf('depthToSpace', t, 2);
  const [batch, height, width, channels] = [t.shape[0] ?? -1, t.dim(1), t.dim(2), t.dim(3)];
  if (channels % side ** 2 !== 0)
    throw badArgument('depthToSpace', `blockSize² must divide the channels; received ${side} for ${t}.`);
  const depth = channels / side ** 2;
  const blocks = transpose(reshape(t, [batch, height, width, side, side, depth]), [0, 1, 3, 2, 4, 5]);
  return reshape(blocks, [batch, height * side, width * side, depth]);
}

/**
 * Blocks of pixels laid out as channels, what {@link depthToSpace} undoes: images [n, h, w, c] as [n, h / blockSize,
 * w / blockSize, blockSize² · c], of the same dtype.
 *
 * @param blockSize the side of a block, at least 2
 * @throws FoveaError `BAD_ARGUMENT` unless blockSize divides height and width; `SHAPE_MISMATCH` unless there are four axes
 * @see https://keras.io/api/ops/nn/#spacetodepth-function
 */
export function spaceToDepth(x: TensorLike, blockSize: number): Tensor {
  const side = whole('spaceToDepth', 'blockSize', blockSize, 2);
  const t = toTensor(x, 'spaceToDepth');
  spaceOf('spaceToDepth', t, 2);
  const [batch, height, width, channels] = [t.shape[0] ?? -1, t.dim(1), t.dim(2), t.dim(3)];
  if (height % side !== 0 || width % side !== 0)
    throw badArgument('spaceToDepth', `blockSize must divide height and width; received ${side} for ${t}.`);
  const [rows, columns] = [height / side, width / side];
  const blocks = transpose(reshape(t, [batch, rows, side, columns, side, channels]), [0, 1, 3, 2, 4, 5]);
  return reshape(blocks, [batch, rows, columns, side ** 2 * channels]);
}

/**
 * The peak signal-to-noise ratio of two tensors of one shape in decibels, over all elements: float32 [].
 *
 * @param maxVal the greatest value that there can be
 * @throws FoveaError `SHAPE_MISMATCH` for different shapes
 * @see https://keras.io/api/ops/nn/#psnr-function
 */
export function psnr(x: TensorLike, y: TensorLike, maxVal: number): Tensor {
  const [a, b] = [floats(x, 'psnr'), floats(y, 'psnr')];
  sameShape('psnr', a, b);
  const error = mean(square(sub(a, b)));
  return sub(20 * Math.log10(finite('psnr', 'maxVal', maxVal)), mul(log10(error), 10));
}
