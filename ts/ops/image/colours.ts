import { badArgument } from '../../errors.ts';
import { tensor } from '../../tensor/from.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { isFloat } from '../../tensor/types.ts';
import type { TensorLike } from '../apply.ts';
import { concat } from '../combine.ts';
import { abs, add, cast, clip, div, equal, less, lessEqual, mul, sub, where } from '../elementwise.ts';
import { max, min, sum } from '../reduce.ts';
import { split } from '../slicing.ts';
import { imagesOf } from './images.ts';

/** Three channels, each with a last side of 1. */
function channels(name: string, images: Tensor): [Tensor, Tensor, Tensor] {
  if (images.shape.at(-1) !== 3) throw badArgument(name, `images must have 3 channels; received ${images}.`);
  return split(images, 3, -1) as [Tensor, Tensor, Tensor];
}

function floats(name: string, images: TensorLike): Tensor {
  const t = imagesOf(name, images);
  if (!isFloat(t.dtype)) throw badArgument(name, `images must be float32; received ${t}. Cast them first.`);
  return t;
}

/**
 * The brightness of RGB images [..., 3] as images [..., 1]; those of one channel stay. Integers are cut.
 *
 * @throws FoveaError `BAD_ARGUMENT` for other numbers of channels
 * @see https://keras.io/api/ops/image/#rgbtograyscale-function
 */
export function rgbToGrayscale(images: TensorLike): Tensor {
  const t = imagesOf('rgbToGrayscale', images);
  const count = t.shape.at(-1);
  if (count === 1) return t;
  if (count !== 3) throw badArgument('rgbToGrayscale', `images must have 1 or 3 channels; received ${t}.`);
  const weighted = mul(cast(t, 'float32'), tensor([0.2989, 0.587, 0.114]));
  return cast(sum(weighted, -1, { keepdims: true }), t.dtype);
}

/**
 * RGB images [..., 3] of 0 … 1 as hue, saturation and value, of 0 … 1 too.
 *
 * @throws FoveaError `BAD_ARGUMENT` for other shapes, and for integers
 * @see https://keras.io/api/ops/image/#rgbtohsv-function
 */
export function rgbToHsv(images: TensorLike): Tensor {
  const t = floats('rgbToHsv', images);
  const [r, g, b] = channels('rgbToHsv', t);
  const value = max(t, -1, { keepdims: true });
  const range = sub(value, min(t, -1, { keepdims: true }));
  const [grey, black] = [equal(range, 0), lessEqual(value, 0)];
  const saturation = where(black, 0, div(range, where(black, 1, value)));
  const unit = div(1, where(grey, 1, mul(6, range)));
  const from = (difference: Tensor, start: number) => add(mul(unit, difference), start);
  const hue = where(
    equal(r, value),
    from(sub(g, b), 0),
    where(equal(g, value), from(sub(b, r), 2 / 6), from(sub(r, g), 4 / 6)),
  );
  const around = where(less(hue, 0), add(hue, 1), hue);
  return concat([where(grey, 0, around), saturation, value], -1);
}

/**
 * Images [..., 3] of hue, saturation and value, all 0 … 1, as RGB.
 *
 * @throws FoveaError `BAD_ARGUMENT` for other shapes, and for integers
 * @see https://keras.io/api/ops/image/#hsvtorgb-function
 */
export function hsvToRgb(images: TensorLike): Tensor {
  const t = floats('hsvToRgb', images);
  const [hue, saturation, value] = channels('hsvToRgb', t);
  const sixth = mul(hue, 6);
  const away = (from: number) => abs(sub(sixth, from));
  const parts = [sub(away(3), 1), sub(2, away(2)), sub(2, away(4))].map((part) => clip(part, 0, 1));
  const rest = sub(1, saturation);
  return concat(
    parts.map((part) => mul(add(rest, mul(saturation, part)), value)),
    -1,
  );
}
