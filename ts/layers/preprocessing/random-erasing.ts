import { badArgument, shown } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import { normal } from '../../random/index.ts';
import { type Tensor, tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { boxMasks } from './boxes.ts';
import { type ColourFactorOptions, ColourLayer } from './colour-layer.ts';
import { type Factor, factorOf, type Range } from './factors.ts';
import { perImage } from './image-layer.ts';

/** Options of {@link RandomErasing}. */
export interface RandomErasingOptions extends ColourFactorOptions {
  /** Which part of an image is erased: one number for everything up to it, or a range; [0.02, 0.33] if left out. */
  scale?: Factor | undefined;
  /** What stands there: a number, one for each of three channels, or noise if left out. */
  fillValue?: number | readonly number[] | null | undefined;
}

/** What {@link RandomErasing} draws. */
export interface Erasing {
  /** Whether something of an image is erased: bool [n]. */
  applyErasing: Tensor;
  /** Where: bool [n, h, w, 1]. */
  batchMasks: Tensor;
  /** What stands there: of the images' shape, or one that broadcasts to it. */
  fillValue: Tensor;
}

const names = ['factor', 'scale', 'fillValue', 'valueRange', 'seed', ...layerOptions] as const;

/**
 * In training erases a rectangle of some images, with a probability drawn from the factor; else it does nothing. The
 * output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor or scale out of [0, 1], or a fill value of another length than 3
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_erasing/
 */
export class RandomErasing extends ColourLayer<Erasing> {
  static readonly className: string = 'RandomErasing';
  readonly factor: Range;
  readonly scale: Range;
  readonly fillValue: number | readonly number[] | null;

  constructor(
    factor?: Factor | RandomErasingOptions,
    scale?: Factor | RandomErasingOptions,
    fillValue?: number | readonly number[] | null | RandomErasingOptions,
    valueRange?: readonly number[] | RandomErasingOptions,
    seed?: number | null | RandomErasingOptions,
    options?: RandomErasingOptions,
  ) {
    const given = [factor, scale, fillValue, valueRange, seed, options];
    const read = readOptions<RandomErasingOptions>('RandomErasing', names, given);
    super('RandomErasing', read);
    this.factor = factorOf('RandomErasing', 'factor', read.factor ?? 1, [0, 1]);
    this.scale = factorOf('RandomErasing', 'scale', read.scale ?? [0.02, 0.33], [0, 1]);
    this.fillValue = fillOf(read.fillValue ?? null);
  }

  override getRandomTransformation(images: Tensor, training = true): Erasing | null {
    if (!training) return null;
    const [count, height, width] = [images.dim(0), images.dim(1), images.dim(2)];
    const ratios = ops.sqrt(this.draw([count, 2], this.scale));
    const [across, down] = ops.unstack(ratios, 1) as [Tensor, Tensor];
    const { masks } = boxMasks(across, down, height, width, () => this.draw([count]));
    return { batchMasks: masks, applyErasing: this.drawWhether(count, this.factor), fillValue: this.#fill(images) };
  }

  #fill(images: Tensor): Tensor {
    const { fillValue } = this;
    if (fillValue !== null) return this.clipped(tensor(typeof fillValue === 'number' ? [fillValue] : [...fillValue]));
    const noise = normal(images.shape, { seed: this.seedGenerator });
    return this.clipped(ops.mul(noise, this.valueRange[1]));
  }

  protected override changed(images: Tensor, { applyErasing, batchMasks, fillValue }: Erasing): Tensor {
    const erased = ops.logicalAnd(perImage(applyErasing), batchMasks);
    return ops.where(erased, fillValue, images);
  }

  override getConfig(): object {
    const { factor, scale, fillValue } = this;
    return { ...super.getConfig(), factor, scale, fillValue };
  }
}

function fillOf(value: unknown): number | readonly number[] | null {
  const isNumber = (x: unknown) => typeof x === 'number' && Number.isFinite(x);
  if (value === null || isNumber(value)) return value as number | null;
  if (Array.isArray(value) && value.length === 3 && value.every(isNumber)) return value;
  throw badArgument('RandomErasing', `fillValue must be a number, three of them, or null; received ${shown(value)}.`);
}
