import { oneOf, whole } from '../../errors.ts';
import type { Interpolation } from '../../ops/image/index.ts';
import * as ops from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import { randint } from '../../random/index.ts';
import type { Tensor } from '../../tensor.ts';
import { layerOptions } from '../options.ts';
import { RandomBrightness, RandomColorDegeneration, RandomContrast, RandomSharpness } from './colour-factors.ts';
import { type ColourFactorOptions, ColourLayer } from './colour-layer.ts';
import { type Factor, factorOf, type Range } from './factors.ts';
import { AutoContrast, Equalization } from './histograms.ts';
import { type ImageLayer, RandomImageLayer } from './image-layer.ts';
import { RandomRotation } from './random-rotation.ts';
import { RandomShear } from './random-shear.ts';
import { RandomTranslation } from './random-translation.ts';
import { RandomPosterization, Solarization } from './tones.ts';

/** Options of {@link RandAugment}. */
export interface RandAugmentOptions extends ColourFactorOptions {
  /** How many transformations one after the other, 2 if left out. */
  numOps?: number | undefined;
  /** `'bilinear'` if left out. */
  interpolation?: Interpolation | undefined;
}

/** What {@link RandAugment} draws. */
export interface Augmentations {
  /** What each layer draws, by its name. */
  transforms: Record<string, unknown>;
  /** Which layers follow each other: int32 [numOps]. */
  layerIdxes: Tensor;
}

const names = ['valueRange', 'numOps', 'factor', 'interpolation', 'seed', ...layerOptions] as const;

/**
 * In training changes each batch by some of eleven transformations, drawn anew each time; else it does nothing. The
 * output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor out of [0, 1]
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/rand_augment/
 */
export class RandAugment extends ColourLayer<Augmentations> {
  static readonly className: string = 'RandAugment';
  readonly numOps: number;
  readonly factor: Range;
  readonly interpolation: Interpolation;
  readonly #steps: Record<string, ImageLayer<unknown>>;

  constructor(
    valueRange?: readonly number[] | RandAugmentOptions,
    numOps?: number | RandAugmentOptions,
    factor?: Factor | RandAugmentOptions,
    interpolation?: Interpolation | RandAugmentOptions,
    seed?: number | null | RandAugmentOptions,
    options?: RandAugmentOptions,
  ) {
    const given = [valueRange, numOps, factor, interpolation, seed, options];
    const read = readOptions<RandAugmentOptions>('RandAugment', names, given);
    super('RandAugment', read);
    this.numOps = whole('RandAugment', 'numOps', read.numOps ?? 2, 0);
    this.factor = factorOf('RandAugment', 'factor', read.factor ?? 0.5, [0, 1]);
    const interpolations = ['nearest', 'bilinear'] as const;
    this.interpolation = oneOf('RandAugment', 'interpolation', read.interpolation ?? 'bilinear', interpolations);
    this.#steps = this.#made();
    for (const step of Object.values(this.#steps))
      if (step instanceof RandomImageLayer) this.addSeedGenerator(step.seedGenerator);
  }

  #made(): Record<string, ImageLayer<unknown>> {
    const { factor, interpolation, valueRange, seed } = this;
    const moves = { interpolation, seed };
    const colours = { valueRange, seed };
    return {
      randomShear: new RandomShear({ xFactor: factor, yFactor: factor, ...moves }),
      randomTranslation: new RandomTranslation({ heightFactor: factor, widthFactor: factor, ...moves }),
      randomRotation: new RandomRotation({ factor, ...moves }),
      randomBrightness: new RandomBrightness({ factor, ...colours }),
      randomColorDegeneration: new RandomColorDegeneration({ factor, ...colours }),
      randomContrast: new RandomContrast({ factor, ...colours }),
      randomSharpness: new RandomSharpness({ factor, ...colours }),
      randomPosterization: new RandomPosterization({
        factor: Math.max(1, Math.trunc(8 * factor[1])),
        ...colours,
      }),
      solarization: new Solarization({ additionFactor: factor, thresholdFactor: factor, ...colours }),
      autoContrast: new AutoContrast({ valueRange }),
      equalization: new Equalization({ valueRange }),
    };
  }

  override getRandomTransformation(images: Tensor, training = true): Augmentations | null {
    if (!training) return null;
    const drawn = Object.entries(this.#steps).map(([name, step]) => [name, step.getRandomTransformation(images)]);
    const layerIdxes = randint([this.numOps], 0, drawn.length, { seed: this.seedGenerator });
    return { transforms: Object.fromEntries(drawn), layerIdxes };
  }

  protected override changed(images: Tensor, transformation: Augmentations): Tensor {
    return this.#chosen(images, transformation, (step, x, drawn) => step.transformImages(x, drawn));
  }

  override transformSegmentationMasks(masks: Tensor, drawn: Augmentations | null, training = true): Tensor {
    if (!training || drawn === null) return masks;
    return this.#chosen(masks, drawn, (step, x, own) => step.transformSegmentationMasks(x, own));
  }

  #chosen(
    images: Tensor,
    { transforms, layerIdxes }: Augmentations,
    apply: (step: ImageLayer<unknown>, x: Tensor, drawn: unknown) => Tensor,
  ): Tensor {
    let x = images;
    for (let i = 0; i < this.numOps; i++) {
      const index = ops.at(layerIdxes, i);
      for (const [at, [name, step]] of Object.entries(this.#steps).entries())
        x = ops.where(ops.equal(index, at), apply(step, x, transforms[name]), x);
    }
    return x;
  }

  override getConfig(): object {
    const { numOps, factor, interpolation } = this;
    return { ...super.getConfig(), numOps, factor, interpolation };
  }
}
