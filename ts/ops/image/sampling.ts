import type { Tensor } from '../../tensor/tensor.ts';
import { apply } from '../apply.ts';
import {
  abs,
  add,
  cast,
  clip,
  div,
  floor,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  mul,
  neg,
  sign,
  sub,
  where,
} from '../elementwise.ts';
import { expandDims, reshape } from '../shape.ts';
import { gather } from '../slicing.ts';

/** How a pixel between others is made. */
export type Interpolation = 'nearest' | 'bilinear';

/** What stands outside an image. */
export type FillMode = 'constant' | 'nearest' | 'wrap' | 'mirror' | 'reflect';

/** The interpolations of warps. */
export const interpolations: readonly Interpolation[] = ['nearest', 'bilinear'];

/** What can stand outside an image. */
export const fillModes: readonly FillMode[] = ['constant', 'nearest', 'wrap', 'mirror', 'reflect'];

/**
 * A place along an axis of `n` pixels, moved into the image as the fill mode says: in the steps of TensorFlow's kernel,
 * whose `wrap` has a period of n − 1 pixels and moves by n.
 */
function within(x: Tensor, n: number, mode: FillMode): Tensor {
  const last = n - 1;
  // Far outside is outside: whole numbers must fit an int32.
  if (mode === 'constant') return clip(x, -2, n + 1);
  if (mode === 'nearest' || n === 1) return clip(x, 0, last);
  const times = (y: Tensor, period: number) => mul(floor(div(y, period)), period);
  const inside = (before: Tensor, after: Tensor) =>
    clip(where(less(x, 0), before, where(greater(x, last), after, x)), 0, last);
  if (mode === 'wrap') {
    const moves = (y: Tensor) => mul(floor(div(y, last)), n);
    return inside(add(add(x, moves(neg(x))), n), sub(x, moves(x)));
  }
  if (mode === 'mirror') {
    const folded = sub(abs(x), times(abs(x), 2 * last));
    return sub(last, abs(sub(folded, last)));
  }
  const low = add(x, times(neg(x), 2 * n));
  const high = sub(x, times(x, 2 * n));
  return inside(
    where(less(low, -n), add(low, 2 * n), sub(neg(low), 1)),
    where(greaterEqual(high, n), sub(2 * n - 1, high), high),
  );
}

/** The nearest whole number; halves go away from 0. */
function rounded(x: Tensor): Tensor {
  const size = abs(x);
  const low = floor(size);
  return mul(sign(x), where(greaterEqual(sub(size, low), 0.5), add(low, 1), low));
}

/** How {@link sample} samples. */
export interface Sampling {
  readonly interpolation: Interpolation;
  readonly fillMode: FillMode;
  readonly fillValue: number;
}

/**
 * The values of float32 images [n, h, w, c] at places `y` and `x`, in pixels: [n or 1, h', w'] both. Differentiable with
 * respect to images and places.
 */
export function sample(images: Tensor, y: Tensor, x: Tensor, { interpolation, fillMode, fillValue }: Sampling): Tensor {
  const [height, width] = [images.dim(1), images.dim(2)];
  const pixels = reshape(images, [images.shape[0]!, height * width, images.shape[3]!]);
  const [down, across] = [within(y, height, fillMode), within(x, width, fillMode)];

  const read = (row: Tensor, column: Tensor): Tensor => {
    const known = (at: Tensor, n: number) => logicalAnd(greaterEqual(at, 0), less(at, n));
    const index = add(mul(clip(row, 0, height - 1), width), clip(column, 0, width - 1));
    const found = fetch(pixels, cast(index, 'int32'));
    const inside = expandDims(logicalAnd(known(row, height), known(column, width)), -1);
    return where(inside, found, fillValue);
  };
  if (interpolation === 'nearest') return read(rounded(down), rounded(across));

  const [top, left] = [floor(down), floor(across)];
  const [bottom, right] = [add(top, 1), add(left, 1)];
  const weighted = (weight: Tensor, value: Tensor) => mul(expandDims(weight, -1), value);
  const line = (row: Tensor) =>
    add(weighted(sub(right, across), read(row, left)), weighted(sub(across, left), read(row, right)));
  return add(weighted(sub(bottom, down), line(top)), weighted(sub(down, top), line(bottom)));
}

/** Of pixels [n, h · w, c] those at indices [n or 1, h', w']: [n, h', w', c]. */
function fetch(pixels: Tensor, indices: Tensor): Tensor {
  const [rows, columns] = [indices.dim(1), indices.dim(2)];
  if (indices.shape[0] === 1) return gather(pixels, reshape(indices, [rows, columns]), 1);
  const flat = reshape(indices, [indices.shape[0]!, rows * columns, 1]);
  const taken = apply('takeAlong', { axis: 1 }, [pixels, flat])[0]!;
  return reshape(taken, [indices.shape[0]!, rows, columns, pixels.shape[2]!]);
}
