import { apply } from '../../ops/apply.ts';
import { type ListBeside, numberWithin, readOptions } from '../../options.ts';
import { SeedGenerator } from '../../random/index.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type CallOptions, type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link Dropout}. */
export interface DropoutOptions extends LayerOptions {
  /** The part of the values that becomes 0, from 0 to 1. */
  rate?: number | undefined;
  /** Shape of the mask; where a side is 1 all values along it share one fate, `null` is the input's side. */
  noiseShape?: Shape | null | undefined;
  /** Same seed, same masks; `setSeed` decides if left out. */
  seed?: number | null | undefined;
}

const names = ['rate', 'noiseShape', 'seed', ...layerOptions] as const;

/**
 * In training sets a part of the values to 0 and scales the rest by 1 / (1 − rate), so that the sum stays on average;
 * else it does nothing. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a rate that is not from 0 to 1
 * @see https://keras.io/api/layers/regularization_layers/dropout/
 */
export class Dropout extends Layer {
  static readonly className: string = 'Dropout';
  readonly rate: number;
  readonly noiseShape: Shape | null;
  readonly seed: number | null;
  /** Where the masks come from. */
  readonly seedGenerator: SeedGenerator;

  constructor(
    rate: number | DropoutOptions,
    noiseShape?: ListBeside<DropoutOptions, number | null> | null | DropoutOptions,
    seed?: number | null | DropoutOptions,
    options?: DropoutOptions,
  ) {
    const read = readOptions<DropoutOptions>('Dropout', names, [rate, noiseShape, seed, options]);
    super(read);
    this.rate = numberWithin('Dropout', 'rate', read.rate, 0, 1);
    this.noiseShape = read.noiseShape ?? null;
    this.seed = read.seed ?? null;
    this.seedGenerator = this.addSeedGenerator(new SeedGenerator(read.seed ?? undefined));
    this.built = true;
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training || this.rate === 0) return x;
    const keep = 1 - this.rate;
    const attributes = { p: keep, scale: keep === 0 ? 0 : 1 / keep };
    const key = this.seedGenerator.next();
    const shape = this.noiseShape?.map((side, axis) => side ?? x.dim(axis));
    const mask =
      shape === undefined
        ? apply('randomBernoulli', { shape: [], ...attributes }, [key, x])
        : apply('randomBernoulli', { shape, ...attributes }, [key]);
    return x.mul(mask[0]!);
  }

  override getConfig(): object {
    const { rate, noiseShape, seed } = this;
    return { ...super.getConfig(), rate, noiseShape, seed };
  }
}
