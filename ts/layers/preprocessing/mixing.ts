import * as ops from '../../ops/index.ts';
import { numberWithin, readOptions } from '../../options.ts';
import { beta, shuffle } from '../../random/index.ts';
import { arange, type Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { boxMasks } from './boxes.ts';
import { type Factor, factorOf, type Range } from './factors.ts';
import { perImage, RandomImageLayer, type RandomImageOptions } from './image-layer.ts';

/** Options of {@link MixUp}. */
export interface MixUpOptions extends RandomImageOptions {
  /** The form of the beta distribution of the weights: the smaller, the less is mixed; 0.2 if left out. */
  alpha?: number | undefined;
}

/** What {@link MixUp} draws. */
export interface Mix {
  /** What each image counts, [n]; the other one counts the rest. */
  mixWeight: Tensor;
  /** With which image each is mixed: int32 [n]. */
  permutationOrder: Tensor;
}

/** Each row a weighted mean of itself and of another one. */
function mixed(x: Tensor, { mixWeight, permutationOrder }: Mix): Tensor {
  const weight = ops.reshape(mixWeight, [-1, ...Array<number>(x.rank - 1).fill(1)]);
  const other = ops.gather(x, permutationOrder);
  return ops.add(ops.mul(weight, x), ops.mul(ops.sub(1, weight), other));
}

/**
 * In training makes of each image, and of its label, a weighted mean with another one of the batch; else it does
 * nothing. The output has the input's shape. Labels are one-hot: `mixUp({ images, labels })`.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless alpha is positive
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/mix_up/
 */
export class MixUp extends RandomImageLayer<Mix> {
  static readonly className: string = 'MixUp';
  readonly alpha: number;

  constructor(alpha?: number | MixUpOptions, seed?: number | null | MixUpOptions, options?: MixUpOptions) {
    const read = readOptions<MixUpOptions>('MixUp', ['alpha', 'seed', ...layerOptions], [alpha, seed, options]);
    super(read);
    this.alpha = numberWithin('MixUp', 'alpha', read.alpha ?? 0.2, Number.MIN_VALUE, Infinity);
  }

  override getRandomTransformation(images: Tensor, training = true): Mix | null {
    if (!training) return null;
    const [count, seed] = [images.dim(0), this.seedGenerator];
    const permutationOrder = shuffle(arange(count, { dtype: 'int32' }), 0, { seed });
    return { permutationOrder, mixWeight: beta([count], this.alpha, this.alpha, { seed }) };
  }

  override transformImages(images: Tensor, transformation: Mix | null, training = true): Tensor {
    const floats = this.floats(images);
    return training && transformation !== null ? mixed(floats, transformation) : floats;
  }

  override transformLabels(labels: Tensor, transformation: Mix | null, training = true): Tensor {
    return training && transformation !== null ? mixed(labels, transformation) : labels;
  }

  override transformSegmentationMasks(masks: Tensor, transformation: Mix | null, training = true): Tensor {
    return training && transformation !== null ? mixed(masks, transformation) : masks;
  }

  override getConfig(): object {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Options of {@link CutMix}. */
export interface CutMixOptions extends RandomImageOptions {
  /** Between which numbers the form of the beta distribution of the weights is drawn, 1 if left out. */
  factor?: Factor | undefined;
}

/** What {@link CutMix} draws. */
export interface CutAndMix extends Mix {
  /** Where an image is replaced by the other one: bool [n, h, w, 1]. */
  batchMasks: Tensor;
}

/**
 * In training replaces a rectangle of each image by that of another one of the batch, and mixes labels by the areas;
 * else it does nothing. The output has the input's shape. Labels are one-hot: `cutMix({ images, labels })`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/cut_mix/
 */
export class CutMix extends RandomImageLayer<CutAndMix> {
  static readonly className: string = 'CutMix';
  readonly factor: Range;

  constructor(factor?: Factor | CutMixOptions, seed?: number | null | CutMixOptions, options?: CutMixOptions) {
    const read = readOptions<CutMixOptions>('CutMix', ['factor', 'seed', ...layerOptions], [factor, seed, options]);
    super(read);
    this.factor = factorOf('CutMix', 'factor', read.factor ?? 1, [0, 1]);
  }

  override getRandomTransformation(images: Tensor, training = true): CutAndMix | null {
    if (!training) return null;
    const [count, height, width, seed] = [images.dim(0), images.dim(1), images.dim(2), this.seedGenerator];
    const form = ops.add(this.draw([], this.factor), 1e-6);
    const ratio = ops.sqrt(ops.sub(1, beta([count], form, form, { seed })));
    const { masks, part } = boxMasks(ratio, ratio, height, width, () => this.draw([count]));
    const permutationOrder = shuffle(arange(count, { dtype: 'int32' }), 0, { seed });
    return { permutationOrder, batchMasks: masks, mixWeight: perImage(ops.sub(1, part)) };
  }

  override transformImages(images: Tensor, transformation: CutAndMix | null, training = true): Tensor {
    const floats = this.floats(images);
    return this.#cut(floats, transformation, training);
  }

  #cut(images: Tensor, transformation: CutAndMix | null, training: boolean): Tensor {
    if (!training || transformation === null) return images;
    const { batchMasks, permutationOrder } = transformation;
    return ops.where(batchMasks, ops.gather(images, permutationOrder), images);
  }

  override transformLabels(labels: Tensor, transformation: CutAndMix | null, training = true): Tensor {
    return training && transformation !== null ? mixed(labels, transformation) : labels;
  }

  override transformSegmentationMasks(masks: Tensor, transformation: CutAndMix | null, training = true): Tensor {
    return this.#cut(masks, transformation, training);
  }

  override getConfig(): object {
    return { ...super.getConfig(), factor: this.factor };
  }
}
