import { invoke } from '../../callable.ts';
import { badArgument, FoveaError, shown } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { isRecord } from '../../options.ts';
import { SeedGenerator, uniform } from '../../random/index.ts';
import { isFloat } from '../../tensor/types.ts';
import { type Shape, Tensor } from '../../tensor.ts';
import { currentTraining } from '../context.ts';
import { converted } from '../converted.ts';
import { Layer } from '../layer.ts';
import { flatten } from '../nest.ts';
import type { CallOptions, LayerOptions } from '../options.ts';
import { isFunctional } from '../record.ts';

/** Images with what belongs to them, which a layer transforms alike. */
export interface ImageBatch {
  /** [batch, height, width, channels], or one image without the first axis. */
  images: Tensor;
  /** One row for each image. */
  labels?: Tensor;
  /** As the images, with a class for each pixel. */
  segmentationMasks?: Tensor;
}

/** Options of layers that draw random numbers. */
export interface RandomImageOptions extends LayerOptions {
  /** Same seed, same draws; `setSeed` decides if left out. */
  seed?: number | null | undefined;
}

/**
 * The base of layers that prepare images [batch, height, width, channels], or one image without the first axis: float32
 * as the layer's dtype, or a record of `images`, `labels` and `segmentationMasks`. `T` is what one call draws.
 *
 * Called outside of a model, a layer works as in training, unless it is told otherwise; in a model the model decides.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the call signature for records is added to that of tensors
export abstract class ImageLayer<T = null> extends Layer {
  override [invoke](input: unknown, options: CallOptions = {}): unknown {
    const decided = options.training !== undefined || currentTraining() !== undefined;
    const given = decided || flatten(input).some(isFunctional) ? options : { ...options, training: true };
    return super[invoke](input, given);
  }

  override call(data: Tensor, options: CallOptions): Tensor;
  override call(data: Tensor | ImageBatch, { training = true }: CallOptions): Tensor | ImageBatch {
    if (data instanceof Tensor) return this.#transformed(data, training).images;
    if (!isRecord(data) || !(data.images instanceof Tensor))
      throw badArgument(String(this), `expected images or { images, labels, … }; received ${shown(data)}.`);
    const unknown = Object.keys(data).find((key) => !['images', 'labels', 'segmentationMasks'].includes(key));
    if (unknown !== undefined)
      throw new FoveaError('UNSUPPORTED', `${this}: '${unknown}' cannot be transformed.`, this.name);
    const { labels, segmentationMasks } = data;
    const { images, transformation } = this.#transformed(data.images, training);
    return {
      images,
      ...(labels && { labels: this.transformLabels(labels, transformation, training) }),
      ...(segmentationMasks && {
        segmentationMasks: this.#single(segmentationMasks, (masks) =>
          this.transformSegmentationMasks(masks, transformation, training),
        ),
      }),
    };
  }

  #transformed(given: Tensor, training: boolean): { images: Tensor; transformation: T | null } {
    if (given.rank !== 3 && given.rank !== 4)
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `${this}: expected images [height, width, channels] or a batch of them; received ${given}.`,
        this.name,
      );
    // While a model is built sides may be unknown: only the type counts, and no draw is made.
    if (given.shape.includes(null)) return { images: this.typed(given), transformation: null };
    let transformation: T | null = null;
    const images = this.#single(given, (batch) => {
      transformation = this.getRandomTransformation(batch, training);
      return this.transformImages(batch, transformation, training);
    });
    // What was worked out in float32 on the way.
    const { computeDtype } = this;
    const floats = isFloat(images.dtype) && isFloat(computeDtype);
    return { images: floats ? converted(images, computeDtype) : images, transformation };
  }

  #single(images: Tensor, fn: (batch: Tensor) => Tensor): Tensor {
    return images.rank === 4 ? fn(images) : ops.squeeze(fn(ops.expandDims(images, 0)), 0);
  }

  /** Images of the layer's dtype. */
  protected floats(images: Tensor): Tensor {
    return images.dtype === this.computeDtype ? images : ops.cast(images, this.computeDtype);
  }

  /** What the layer makes of images of which not all sides are known; by default images of the same shape. */
  protected typed(images: Tensor): Tensor {
    return this.floats(images);
  }

  /** What a call on a batch of images draws; `null` if it draws nothing. */
  getRandomTransformation(_images: Tensor, _training = true): T | null {
    return null;
  }

  /** The batch of images after what `getRandomTransformation` drew. */
  abstract transformImages(images: Tensor, transformation: T | null, training?: boolean): Tensor;

  /** The labels after that; they stay, if nothing is mixed. */
  transformLabels(labels: Tensor, _transformation: T | null, _training = true): Tensor {
    return labels;
  }

  /** The masks after that; they stay where no pixel moves. */
  transformSegmentationMasks(masks: Tensor, _transformation: T | null, _training = true): Tensor {
    return masks;
  }
}

// biome-ignore lint/correctness/noUnusedVariables: merged declarations have the same parameters
export interface ImageLayer<T> {
  (data: Tensor, options?: CallOptions): Tensor;
  (data: ImageBatch, options?: CallOptions): ImageBatch;
}

/** The base of image layers that draw random numbers. */
export abstract class RandomImageLayer<T> extends ImageLayer<T> {
  /** Same seed, same draws. */
  readonly seed: number | null;
  /** Where the draws come from. */
  readonly seedGenerator: SeedGenerator;

  constructor(options: RandomImageOptions) {
    super(options);
    this.seed = options.seed ?? null;
    this.seedGenerator = this.addSeedGenerator(new SeedGenerator(options.seed ?? undefined));
    this.built = true;
  }

  /** Numbers of a shape, evenly spread over a range. */
  protected draw(shape: Shape, [minval, maxval]: readonly [number, number] = [0, 1]): Tensor {
    return uniform(shape, { minval, maxval, seed: this.seedGenerator });
  }

  /** Whether something happens to each of so many images: with a probability that is itself drawn from a range. */
  protected drawWhether(count: number, probability: readonly [number, number]): Tensor {
    const wanted = this.draw([count], probability);
    return ops.less(this.draw([count]), wanted);
  }

  override getConfig(): object {
    return { ...super.getConfig(), seed: this.seed };
  }
}

/** A value for each image, [n], beside images [n, h, w, c]. */
export const perImage = (x: Tensor): Tensor => ops.reshape(x, [x.shape[0]!, 1, 1, 1]);
