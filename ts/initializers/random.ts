import { finite } from '../errors.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Seed } from '../random/index.ts';
import * as random from '../random/index.ts';
import { classNameOf, maker } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import type { InitializerCallOptions } from './initializer.ts';
import { RandomInitializer, type SeedOptions } from './random-initializer.ts';

/** Options of {@link RandomNormal} and {@link TruncatedNormal}. */
export interface NormalOptions extends SeedOptions {
  /** Middle of the distribution, 0 if left out. */
  mean?: number | undefined;
  /** Standard deviation (before truncation), 0.05 if left out. */
  stddev?: number | undefined;
}

/** What both normal distributions share. */
abstract class Normal extends RandomInitializer {
  readonly mean: number;
  readonly stddev: number;

  constructor(
    mean?: number | NormalOptions,
    stddev?: number | NormalOptions,
    seed?: Seed | null | NormalOptions,
    options?: NormalOptions,
  ) {
    const where = classNameOf(new.target);
    const read = readOptions<NormalOptions>(where, ['mean', 'stddev', 'seed'], [mean, stddev, seed, options]);
    super(where, read.seed);
    this.mean = finite(where, 'mean', read.mean ?? 0);
    this.stddev = numberWithin(where, 'stddev', read.stddev ?? 0.05, 0, Infinity);
  }

  override getConfig(): NormalOptions {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}

/**
 * Draws from a normal distribution, of mean 0 and deviation 0.05 if left out.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class RandomNormal extends Normal {
  static readonly className: string = 'RandomNormal';
  /** What else strings call it. */
  static readonly aliases = ['normal'] as const;

  override call(shape: readonly number[], options?: InitializerCallOptions): Tensor {
    return random.normal(shape, { mean: this.mean, stddev: this.stddev, ...this.drawOptions(options) });
  }
}

/** A {@link RandomNormal}, without `new`. */
export const randomNormal = maker(RandomNormal);

/**
 * Draws from a normal distribution (mean 0, deviation 0.05 if left out), anew where a value is more than two deviations
 * from the mean.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class TruncatedNormal extends Normal {
  static readonly className: string = 'TruncatedNormal';

  override call(shape: readonly number[], options?: InitializerCallOptions): Tensor {
    return random.truncatedNormal(shape, { mean: this.mean, stddev: this.stddev, ...this.drawOptions(options) });
  }
}

/** A {@link TruncatedNormal}, without `new`. */
export const truncatedNormal = maker(TruncatedNormal);

/** Options of {@link RandomUniform}. */
export interface UniformOptions extends SeedOptions {
  /** Lower bound, −0.05 if left out. */
  minval?: number | undefined;
  /** Upper bound, 0.05 if left out. */
  maxval?: number | undefined;
}

/**
 * Draws evenly from [minval, maxval), −0.05 to 0.05 if left out.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class RandomUniform extends RandomInitializer {
  static readonly className: string = 'RandomUniform';
  /** What else strings call it. */
  static readonly aliases = ['uniform'] as const;
  readonly minval: number;
  readonly maxval: number;

  constructor(
    minval?: number | UniformOptions,
    maxval?: number | UniformOptions,
    seed?: Seed | null | UniformOptions,
    options?: UniformOptions,
  ) {
    const read = readOptions<UniformOptions>(
      'RandomUniform',
      ['minval', 'maxval', 'seed'],
      [minval, maxval, seed, options],
    );
    super('RandomUniform', read.seed);
    this.minval = finite('RandomUniform', 'minval', read.minval ?? -0.05);
    this.maxval = finite('RandomUniform', 'maxval', read.maxval ?? 0.05);
  }

  override call(shape: readonly number[], options?: InitializerCallOptions): Tensor {
    return random.uniform(shape, { minval: this.minval, maxval: this.maxval, ...this.drawOptions(options) });
  }

  override getConfig(): UniformOptions {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}

/** A {@link RandomUniform}, without `new`. */
export const randomUniform = maker(RandomUniform);
