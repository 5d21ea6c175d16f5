import { badArgument, finite, flag, oneOf } from '../../errors.ts';
import { sizes } from '../../options.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type AttributesOf, apply, type TensorLike } from '../apply.ts';
import { optionsOf } from '../arguments.ts';
import { cast } from '../elementwise.ts';
import { pad } from '../pad.ts';
import { slice } from '../slicing.ts';
import { batched, imagesOf, saturated } from './images.ts';

/** How the pixels of a resized image are made of those around. */
export type ResizeInterpolation = AttributesOf<'resize'>['interpolation'];

/** What {@link resize} takes. */
export interface ResizeOptions {
  /** `'bilinear'` if left out. */
  interpolation?: ResizeInterpolation | undefined;
  /** Whether pixels are averaged where an image shrinks, `false` if left out. */
  antialias?: boolean | undefined;
  /** Cuts off what has another aspect ratio than the new size, `false` if left out. */
  cropToAspectRatio?: boolean | undefined;
  /** Fills up to the aspect ratio of the new size, `false` if left out. */
  padToAspectRatio?: boolean | undefined;
  /** What it is filled with; there is only `'constant'`. */
  fillMode?: 'constant' | undefined;
  /** The constant, 0 if left out. */
  fillValue?: number | undefined;
}

/** The interpolations of {@link resize}. */
export const resizeInterpolations: readonly ResizeInterpolation[] = [
  'bilinear',
  'nearest',
  'bicubic',
  'lanczos3',
  'lanczos5',
];

/**
 * Images of another size: [h, w, c] or [n, h, w, c] to [..., size[0], size[1], c]. Integers are rounded back to their
 * dtype.
 *
 * @throws FoveaError `BAD_ARGUMENT` for other ranks, an unknown interpolation, or both aspect ratio options
 * @see https://keras.io/api/ops/image/#resize-function
 */
export function resize(images: TensorLike, size: number | readonly [number, number], options?: ResizeOptions): Tensor {
  const read = optionsOf<ResizeOptions>('resize', options, [
    'interpolation',
    'antialias',
    'cropToAspectRatio',
    'padToAspectRatio',
    'fillMode',
    'fillValue',
  ]);
  const interpolation = oneOf('resize', 'interpolation', read.interpolation ?? 'bilinear', resizeInterpolations);
  const antialias = flag('resize', 'antialias', read.antialias ?? false);
  const crop = flag('resize', 'cropToAspectRatio', read.cropToAspectRatio ?? false);
  const fill = flag('resize', 'padToAspectRatio', read.padToAspectRatio ?? false);
  oneOf('resize', 'fillMode', read.fillMode ?? 'constant', ['constant']);
  if (crop && fill) throw badArgument('resize', 'only one of cropToAspectRatio and padToAspectRatio can be true.');
  const to = sizes('resize', 'size', size);
  const given = imagesOf('resize', images);
  const cut = crop
    ? cropped(given, to)
    : fill
      ? padded(cast(given, 'float32'), to, finite('resize', 'fillValue', read.fillValue ?? 0))
      : given;
  const resized = batched(cast(cut, 'float32'), (batch) => {
    return apply('resize', { size: to, interpolation, antialias }, [batch])[0]!;
  });
  return saturated(resized, given.dtype);
}

/** What height and width would have the aspect ratio of a size with the other one: computed as Keras does, in float32. */
function wanted(images: Tensor, [height, width]: readonly [number, number]): [number, number] {
  const [h, w] = [images.dim(-3), images.dim(-2)];
  const ratio = (a: number, b: number) => Math.trunc(Math.fround(Math.fround(a) / b));
  return [ratio(w * height, width), ratio(h * width, height)];
}

function cropped(images: Tensor, size: readonly [number, number]): Tensor {
  const own = [images.dim(-3), images.dim(-2)] as const;
  const part = wanted(images, size).map((n, i) => Math.max(1, Math.min(own[i]!, n)));
  const begin = own.map((n, i) => Math.trunc((n - part[i]!) / 2));
  const end = begin.map((n, i) => n + part[i]!);
  return images.rank === 4 ? slice(images, [0, ...begin], [null, ...end]) : slice(images, begin, end);
}

function padded(images: Tensor, size: readonly [number, number], value: number): Tensor {
  const own = [images.dim(-3), images.dim(-2)] as const;
  const sides = wanted(images, size).map((n, i): [number, number] => {
    const border = Math.max(0, Math.trunc((n - own[i]!) / 2));
    return [border, border];
  });
  const none: [number, number] = [0, 0];
  return pad(images, images.rank === 4 ? [none, ...sides, none] : [...sides, none], { value });
}
