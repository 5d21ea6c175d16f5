import { badArgument, whole } from '../../errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TensorLike } from '../apply.ts';
import { optionsOf } from '../arguments.ts';
import { pad } from '../pad.ts';
import { slice } from '../slicing.ts';
import { imagesOf } from './images.ts';

/** What {@link padImages} takes: for each axis two of the three. */
export interface PadImagesOptions {
  /** Rows of zeros above. */
  topPadding?: number | null | undefined;
  /** Columns of zeros on the left. */
  leftPadding?: number | null | undefined;
  /** Rows of zeros below. */
  bottomPadding?: number | null | undefined;
  /** Columns of zeros on the right. */
  rightPadding?: number | null | undefined;
  /** The height that it gives. */
  targetHeight?: number | null | undefined;
  /** The width that it gives. */
  targetWidth?: number | null | undefined;
}

/** What {@link cropImages} takes: for each axis two of the three. */
export interface CropImagesOptions {
  /** Rows cut off above. */
  topCropping?: number | null | undefined;
  /** Columns cut off on the left. */
  leftCropping?: number | null | undefined;
  /** Rows cut off below. */
  bottomCropping?: number | null | undefined;
  /** Columns cut off on the right. */
  rightCropping?: number | null | undefined;
  /** The height that it gives. */
  targetHeight?: number | null | undefined;
  /** The width that it gives. */
  targetWidth?: number | null | undefined;
}

type Given = Record<string, number | null | undefined>;

/** What is put or cut before and behind along an axis, of which two of three numbers are given; `sign` is -1 to cut. */
function border(
  where: string,
  given: Given,
  names: readonly [string, string, string],
  side: () => number,
  sign: 1 | -1,
): [number, number] {
  const [before, behind, target] = names.map((name) => {
    const value = given[name] ?? null;
    return value === null ? null : whole(where, name, value, 0);
  }) as [number | null, number | null, number | null];
  if ([before, behind, target].filter((value) => value === null).length !== 1)
    throw badArgument(where, `exactly two of ${names.join(', ')} must be given.`);
  const all = target === null ? before! + behind! : sign * (target - side());
  const found: [number, number] = [before ?? all - behind!, behind ?? all - before!];
  const wrong = found.findIndex((n) => n < 0);
  if (wrong >= 0) throw badArgument(where, `${names[wrong]} must be at least 0; it would be ${found[wrong]}.`);
  return found;
}

/**
 * Images [h, w, c] or [n, h, w, c] with zeros around them.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless for each axis two of padding before, padding behind and target are given
 * @see https://keras.io/api/ops/image/#padimages-function
 */
export function padImages(images: TensorLike, options: PadImagesOptions): Tensor {
  const name = 'padImages';
  const given = optionsOf<PadImagesOptions>(name, options, [
    'topPadding',
    'leftPadding',
    'bottomPadding',
    'rightPadding',
    'targetHeight',
    'targetWidth',
  ]) as Given;
  const t = imagesOf(name, images);
  const rows = border(name, given, ['topPadding', 'bottomPadding', 'targetHeight'], () => t.dim(-3), 1);
  const columns = border(name, given, ['leftPadding', 'rightPadding', 'targetWidth'], () => t.dim(-2), 1);
  const none: [number, number] = [0, 0];
  return pad(t, t.rank === 4 ? [none, rows, columns, none] : [rows, columns, none]);
}

/**
 * The part of images [h, w, c] or [n, h, w, c] within borders.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless for each axis two of cropping before, cropping behind and target are given
 * @see https://keras.io/api/ops/image/#cropimages-function
 */
export function cropImages(images: TensorLike, options: CropImagesOptions): Tensor {
  const name = 'cropImages';
  const given = optionsOf<CropImagesOptions>(name, options, [
    'topCropping',
    'leftCropping',
    'bottomCropping',
    'rightCropping',
    'targetHeight',
    'targetWidth',
  ]) as Given;
  const t = imagesOf(name, images);
  const rows = border(name, given, ['topCropping', 'bottomCropping', 'targetHeight'], () => t.dim(-3), -1);
  const columns = border(name, given, ['leftCropping', 'rightCropping', 'targetWidth'], () => t.dim(-2), -1);
  const begin = [rows[0], columns[0]];
  const end = [rows[1], columns[1]].map((n) => (n === 0 ? null : -n));
  return t.rank === 4 ? slice(t, [0, ...begin], [null, ...end]) : slice(t, begin, end);
}
