import * as ops from '../../ops/index.ts';
import { arange, type Tensor } from '../../tensor.ts';

/** Where rectangles lie in images, and how much of an image each is. */
export interface Boxes {
  /** Whether a pixel lies in its image's rectangle: bool [n, h, w, 1]. */
  readonly masks: Tensor;
  /** The part of the image: [n]. */
  readonly part: Tensor;
}

/**
 * A rectangle in each of some images, somewhere inside.
 *
 * @param across which part of the width each has, [n]
 * @param down which part of the height each has, [n]
 * @param draw draws numbers [n] from 0 to 1
 */
export function boxMasks(across: Tensor, down: Tensor, height: number, width: number, draw: () => Tensor): Boxes {
  const bounds = (ratio: Tensor, side: number) => {
    const length = ops.mul(ratio, side);
    const start = ops.mul(draw(), ops.sub(side, length));
    return [start, ops.add(start, length)] as const;
  };
  const inside = ([start, end]: readonly [Tensor, Tensor], side: number, shape: readonly number[]) => {
    const place = ops.reshape(arange(side, { dtype: 'float32' }), shape);
    const at = (x: Tensor) => ops.reshape(x, [-1, 1, 1, 1]);
    return ops.logicalAnd(ops.greaterEqual(place, at(start)), ops.less(place, at(end)));
  };
  const [x, y] = [bounds(across, width), bounds(down, height)];
  const masks = ops.logicalAnd(inside(y, height, [1, height, 1, 1]), inside(x, width, [1, 1, width, 1]));
  const area = ops.mul(ops.sub(x[1], x[0]), ops.sub(y[1], y[0]));
  return { masks, part: ops.div(area, width * height) };
}
