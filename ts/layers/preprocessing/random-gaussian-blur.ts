import { badArgument, shown } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { type ColourFactorOptions, ColourLayer } from './colour-layer.ts';
import { type Factor, factorOf, type Range } from './factors.ts';
import { perImage } from './image-layer.ts';

/** Options of {@link RandomGaussianBlur}. */
export interface RandomGaussianBlurOptions extends ColourFactorOptions {
  /** Over how many pixels, odd: one number, or height and width; 3 if left out. */
  kernelSize?: number | readonly number[] | undefined;
  /** The bell's deviation, from 0 to 1: one number for everything up to it, or a range; 1 if left out. */
  sigma?: Factor | undefined;
}

/** What {@link RandomGaussianBlur} draws. */
export interface Blur {
  /** Whether an image is blurred: bool [n]. */
  shouldApplyBlur: Tensor;
  /** The deviations along height and width: [2]. */
  blurFactor: Tensor;
}

const names = ['factor', 'kernelSize', 'sigma', 'valueRange', 'seed', ...layerOptions] as const;

/**
 * In training blurs some images, with a probability drawn from the factor; else it does nothing. The output has the
 * input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor or sigma out of [0, 1], or an even kernel size
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_gaussian_blur/
 */
export class RandomGaussianBlur extends ColourLayer<Blur> {
  static readonly className: string = 'RandomGaussianBlur';
  readonly factor: Range;
  readonly kernelSize: readonly [number, number];
  readonly sigma: Range;

  constructor(
    factor?: Factor | RandomGaussianBlurOptions,
    kernelSize?: number | readonly number[] | RandomGaussianBlurOptions,
    sigma?: Factor | RandomGaussianBlurOptions,
    valueRange?: readonly number[] | RandomGaussianBlurOptions,
    seed?: number | null | RandomGaussianBlurOptions,
    options?: RandomGaussianBlurOptions,
  ) {
    const given = [factor, kernelSize, sigma, valueRange, seed, options];
    const read = readOptions<RandomGaussianBlurOptions>('RandomGaussianBlur', names, given);
    super('RandomGaussianBlur', read);
    this.factor = factorOf('RandomGaussianBlur', 'factor', read.factor ?? 1, [0, 1]);
    this.kernelSize = oddSizes(read.kernelSize ?? 3);
    this.sigma = factorOf('RandomGaussianBlur', 'sigma', read.sigma ?? 1, [0, 1]);
  }

  override getRandomTransformation(images: Tensor, training = true): Blur | null {
    if (!training) return null;
    const shouldApplyBlur = this.drawWhether(images.dim(0), this.factor);
    return { shouldApplyBlur, blurFactor: ops.add(this.draw([2], this.sigma), 1e-6) };
  }

  protected override changed(images: Tensor, { shouldApplyBlur, blurFactor }: Blur): Tensor {
    const [first, second] = ops.unstack(blurFactor) as [Tensor, Tensor];
    const blurred = ops.image.gaussianBlur(images, this.kernelSize, [first, second]);
    return this.clipped(ops.where(perImage(shouldApplyBlur), blurred, images));
  }

  override getConfig(): object {
    const { factor, kernelSize, sigma } = this;
    return { ...super.getConfig(), factor, kernelSize, sigma };
  }
}

function oddSizes(size: unknown): readonly [number, number] {
  const list: unknown[] = Array.isArray(size) ? size : [size, size];
  if (list.length === 2 && list.every((n) => Number.isInteger(n) && (n as number) > 0 && (n as number) % 2 === 1))
    return list as unknown as [number, number];
  throw badArgument('RandomGaussianBlur', `kernelSize must be an odd number or two of them; received ${shown(size)}.`);
}
