import { badArgument } from '../../errors.ts';
import type { DType } from '../../generated/dtypes.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type TensorLike, toTensor } from '../apply.ts';
import { cast, clip, round } from '../elementwise.ts';
import { expandDims, squeeze } from '../shape.ts';

/** One image [h, w, c] or a batch of them [n, h, w, c]. */
export function imagesOf(where: string, images: TensorLike): Tensor {
  const t = toTensor(images, where);
  if (t.rank === 3 || t.rank === 4) return t;
  throw badArgument(
    where,
    `images must be [height, width, channels] or [batch, height, width, channels]; received ${t}.`,
  );
}

/** Runs what takes batches of images on one image too. */
export function batched(images: Tensor, fn: (batch: Tensor) => Tensor): Tensor {
  return images.rank === 4 ? fn(images) : squeeze(fn(expandDims(images, 0)), 0);
}

const ranges: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  // The greatest float32 numbers that fit.
  int32: [-(2 ** 31), 2 ** 31 - 128],
  uint32: [0, 2 ** 32 - 256],
};

/** Floats as a dtype: rounded and kept within its range for integers. */
export function saturated(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const range = ranges[dtype];
  return cast(range ? clip(round(x), ...range) : round(x), dtype);
}
