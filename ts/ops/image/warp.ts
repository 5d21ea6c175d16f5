import { badArgument, finite, oneOf } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from '../apply.ts';
import { optionsOf } from '../arguments.ts';
import { add, cast, div, equal, mul, where } from '../elementwise.ts';
import { expandDims, reshape } from '../shape.ts';
import { at } from '../slicing.ts';
import { homography } from './homography.ts';
import { batched, imagesOf } from './images.ts';
import { type FillMode, fillModes, type Interpolation, interpolations, sample } from './sampling.ts';

/** What {@link perspectiveTransform} takes. */
export interface PerspectiveOptions {
  /** `'bilinear'` if left out. */
  interpolation?: Interpolation | undefined;
  /** What stands outside an image, 0 if left out. */
  fillValue?: number | undefined;
}

/** What {@link affineTransform} takes. */
export interface AffineOptions extends PerspectiveOptions {
  /** What stands outside an image: `'constant'`, if left out, is `fillValue`. */
  fillMode?: FillMode | undefined;
}

/**
 * Images [h, w, c] or [n, h, w, c] through a projective transform, [8] or one for each [n, 8]: the pixel at (x, y) of
 * the result comes from ((a·x + b·y + c) / k, (d·x + e·y + f) / k) with k = g·x + h·y + 1. Integers are cut.
 *
 * @throws FoveaError `BAD_ARGUMENT` for other ranks, an unknown interpolation or fill mode
 * @see https://keras.io/api/ops/image/#affinetransform-function
 */
export function affineTransform(images: TensorLike, transform: TensorLike, options?: AffineOptions): Tensor {
  const name = 'affineTransform';
  const names: (keyof AffineOptions)[] = ['interpolation', 'fillMode', 'fillValue'];
  const {
    interpolation = 'bilinear',
    fillMode = 'constant',
    fillValue = 0,
  } = optionsOf<AffineOptions>(name, options, names);
  const sampling = {
    interpolation: oneOf(name, 'interpolation', interpolation, interpolations),
    fillMode: oneOf(name, 'fillMode', fillMode, fillModes),
    fillValue: finite(name, 'fillValue', fillValue),
  };
  const given = imagesOf(name, images);
  const t = cast(toTensor(transform, name), 'float32');
  if (t.rank < 1 || t.rank > 2 || t.shape.at(-1) !== 8)
    throw badArgument(name, `transform must be [8] or [batch, 8]; received ${t}.`);
  const rows = t.rank === 1 ? expandDims(t, 0) : t;
  const warped = batched(cast(given, 'float32'), (batch) => {
    const { y, x } = places(batch, rows);
    return sample(batch, y, x, sampling);
  });
  return cast(warped, given.dtype);
}

/** Where each pixel of a batch of images comes from, for transforms [n or 1, 8]: [n or 1, h, w] both. */
function places(images: Tensor, transforms: Tensor): { y: Tensor; x: Tensor } {
  const shape = [1, images.dim(1), images.dim(2)];
  const [row, column] = [1, 2].map((axis) => apply('iota', { dtype: 'float32', shape, axis }, [])[0]!) as [
    Tensor,
    Tensor,
  ];
  const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, i) =>
    reshape(at(transforms, null, i), [transforms.shape[0]!, 1, 1]),
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const sum = (p: Tensor, q: Tensor, r: Tensor | number) => add(add(mul(p, column), mul(q, row)), r);
  const k = sum(g, h, 1);
  const nowhere = equal(k, 0);
  const safe = where(nowhere, 1, k);
  const place = (p: Tensor, q: Tensor, r: Tensor) => where(nowhere, -2, div(sum(p, q, r), safe));
  return { x: place(a, b, c), y: place(d, e, f) };
}

/**
 * Images [h, w, c] or [n, h, w, c] moved so that four points come to lie where four others were: `startPoints` and
 * `endPoints` are [4, 2] or [n, 4, 2], as (x, y) in pixels, corner by corner.
 *
 * @throws FoveaError `BAD_ARGUMENT` for other shapes or an unknown interpolation
 * @see https://keras.io/api/ops/image/#perspectivetransform-function
 */
export function perspectiveTransform(
  images: TensorLike,
  startPoints: TensorLike,
  endPoints: TensorLike,
  options?: PerspectiveOptions,
): Tensor {
  const name = 'perspectiveTransform';
  const { interpolation = 'bilinear', fillValue = 0 } = optionsOf<PerspectiveOptions>(name, options, [
    'interpolation',
    'fillValue',
  ]);
  const given = imagesOf(name, images);
  const [start, end] = [pointsOf(name, startPoints), pointsOf(name, endPoints)];
  return affineTransform(given, homography(start, end), { interpolation, fillValue, fillMode: 'constant' });
}

function pointsOf(name: string, points: TensorLike): Tensor {
  const t = cast(toTensor(points, name), 'float32');
  const [four, two] = t.shape.slice(-2);
  if ((t.rank !== 2 && t.rank !== 3) || four !== 4 || two !== 2)
    throw badArgument(name, `points must be [4, 2] or [batch, 4, 2]; received ${t}.`);
  return t.rank === 2 ? expandDims(t, 0) : t;
}
