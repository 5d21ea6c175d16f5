import { badArgument, oneOf, shown } from '../errors.ts';
import { type ListBeside, numberWithin, readOptions } from '../options.ts';
import type { Seed } from '../random/index.ts';
import * as random from '../random/index.ts';
import { maker } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import { fans } from './fans.ts';
import type { InitializerCallOptions } from './initializer.ts';
import { RandomInitializer, type SeedOptions } from './random-initializer.ts';

const modes = ['fanIn', 'fanOut', 'fanAvg'] as const;
const distributions = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const;

/** Which number of connections scales the variance. */
export type FanMode = (typeof modes)[number];

/** What {@link VarianceScaling} draws from. */
export type ScalingDistribution = (typeof distributions)[number];

/** Options of the named kinds of variance scaling. */
export interface ScalingOptions extends SeedOptions {
  /** The axes of the inputs; if left out (with the outputs') all but the last, of a matrix the first. */
  inputAxes?: readonly number[] | null | undefined;
  /** The axes of the outputs; if left out (with the inputs') the last, and those of the receptive field. */
  outputAxes?: readonly number[] | null | undefined;
}

/** Options of {@link VarianceScaling}. */
export interface VarianceScalingOptions extends ScalingOptions {
  /** Factor of the variance, 1 if left out. */
  scale?: number | undefined;
  /** `'fanIn'` if left out. */
  mode?: FanMode | undefined;
  /** `'truncatedNormal'` if left out, which `'normal'` means too. */
  distribution?: ScalingDistribution | 'normal' | undefined;
}

/** Standard deviation of a unit normal distribution that is cut off at two deviations. */
const truncatedDeviation = 0.87962566103423978;

/**
 * Draws numbers whose variance fits the number of connections: scale / n.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class VarianceScaling extends RandomInitializer {
  static readonly className: string = 'VarianceScaling';
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: ScalingDistribution;
  readonly inputAxes: readonly number[] | null;
  readonly outputAxes: readonly number[] | null;

  constructor(
    scale?: number | VarianceScalingOptions,
    mode?: FanMode | VarianceScalingOptions,
    distribution?: ScalingDistribution | 'normal' | VarianceScalingOptions,
    seed?: Seed | null | VarianceScalingOptions,
    inputAxes?: ListBeside<VarianceScalingOptions> | null | VarianceScalingOptions,
    outputAxes?: ListBeside<VarianceScalingOptions> | null | VarianceScalingOptions,
    options?: VarianceScalingOptions,
  ) {
    const where = 'VarianceScaling';
    const names = ['scale', 'mode', 'distribution', 'seed', 'inputAxes', 'outputAxes'] as const;
    const given = [scale, mode, distribution, seed, inputAxes, outputAxes, options];
    const read = readOptions<VarianceScalingOptions>(where, names, given);
    super(where, read.seed);
    this.scale = numberWithin(where, 'scale', read.scale ?? 1, Number.MIN_VALUE, Infinity);
    this.mode = oneOf(where, 'mode', read.mode ?? 'fanIn', modes);
    const { distribution: chosen = 'truncatedNormal' } = read;
    this.distribution = chosen === 'normal' ? 'truncatedNormal' : oneOf(where, 'distribution', chosen, distributions);
    this.inputAxes = axesOf(where, 'inputAxes', read.inputAxes);
    this.outputAxes = axesOf(where, 'outputAxes', read.outputAxes);
  }

  override call(shape: readonly number[], options?: InitializerCallOptions): Tensor {
    const { fanIn, fanOut } = fans(shape, this);
    const count = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[this.mode];
    const variance = this.scale / Math.max(1, count);
    const draw = this.drawOptions(options);
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return random.uniform(shape, { minval: -limit, maxval: limit, ...draw });
    }
    if (this.distribution === 'untruncatedNormal')
      return random.normal(shape, { stddev: Math.sqrt(variance), ...draw });
    return random.truncatedNormal(shape, { stddev: Math.sqrt(variance) / truncatedDeviation, ...draw });
  }

  override getConfig(): VarianceScalingOptions {
    const { scale, mode, distribution, inputAxes, outputAxes } = this;
    return { scale, mode, distribution, ...super.getConfig(), inputAxes, outputAxes };
  }
}

/** A {@link VarianceScaling}, without `new`. */
export const varianceScaling = maker(VarianceScaling);

/** Checks the axes of the inputs or outputs. */
function axesOf(where: string, field: string, axes: readonly number[] | null | undefined): readonly number[] | null {
  if (axes === null || axes === undefined) return null;
  if (Array.isArray(axes) && axes.every(Number.isInteger)) return [...axes];
  throw badArgument(where, `${field} must be an array of axes; received ${shown(axes)}.`);
}

/** What the named kinds of variance scaling share: they know where numbers come from. */
abstract class NamedScaling extends VarianceScaling {
  constructor(
    className: string,
    [scale, mode, distribution]: [scale: number, mode: FanMode, distribution: ScalingDistribution],
    given: readonly unknown[],
  ) {
    const read = readOptions<ScalingOptions>(className, ['seed', 'inputAxes', 'outputAxes'], given);
    super({ scale, mode, distribution, ...read });
  }

  override getConfig(): ScalingOptions {
    return { seed: this.seed, inputAxes: this.inputAxes, outputAxes: this.outputAxes };
  }
}

/**
 * Uniform within ±√(6 / (fanIn + fanOut)): Keras's default for kernels.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class GlorotUniform extends NamedScaling {
  static override readonly className: string = 'GlorotUniform';

  constructor(
    seed?: Seed | null | ScalingOptions,
    inputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    outputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    options?: ScalingOptions,
  ) {
    super('GlorotUniform', [1, 'fanAvg', 'uniform'], [seed, inputAxes, outputAxes, options]);
  }
}

/** A {@link GlorotUniform}, without `new`. */
export const glorotUniform = maker(GlorotUniform);

/**
 * Truncated normal with deviation √(2 / (fanIn + fanOut)).
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class GlorotNormal extends NamedScaling {
  static override readonly className: string = 'GlorotNormal';

  constructor(
    seed?: Seed | null | ScalingOptions,
    inputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    outputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    options?: ScalingOptions,
  ) {
    super('GlorotNormal', [1, 'fanAvg', 'truncatedNormal'], [seed, inputAxes, outputAxes, options]);
  }
}

/** A {@link GlorotNormal}, without `new`. */
export const glorotNormal = maker(GlorotNormal);

/**
 * Uniform within ±√(3 / fanIn).
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class LecunUniform extends NamedScaling {
  static override readonly className: string = 'LecunUniform';

  constructor(
    seed?: Seed | null | ScalingOptions,
    inputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    outputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    options?: ScalingOptions,
  ) {
    super('LecunUniform', [1, 'fanIn', 'uniform'], [seed, inputAxes, outputAxes, options]);
  }
}

/** A {@link LecunUniform}, without `new`. */
export const lecunUniform = maker(LecunUniform);

/**
 * Truncated normal with deviation √(1 / fanIn).
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class LecunNormal extends NamedScaling {
  static override readonly className: string = 'LecunNormal';

  constructor(
    seed?: Seed | null | ScalingOptions,
    inputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    outputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    options?: ScalingOptions,
  ) {
    super('LecunNormal', [1, 'fanIn', 'truncatedNormal'], [seed, inputAxes, outputAxes, options]);
  }
}

/** A {@link LecunNormal}, without `new`. */
export const lecunNormal = maker(LecunNormal);

/**
 * Uniform within ±√(6 / fanIn), for ReLU.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class HeUniform extends NamedScaling {
  static override readonly className: string = 'HeUniform';

  constructor(
    seed?: Seed | null | ScalingOptions,
    inputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    outputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    options?: ScalingOptions,
  ) {
    super('HeUniform', [2, 'fanIn', 'uniform'], [seed, inputAxes, outputAxes, options]);
  }
}

/** A {@link HeUniform}, without `new`. */
export const heUniform = maker(HeUniform);

/**
 * Truncated normal with deviation √(2 / fanIn), for ReLU.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class HeNormal extends NamedScaling {
  static override readonly className: string = 'HeNormal';

  constructor(
    seed?: Seed | null | ScalingOptions,
    inputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    outputAxes?: ListBeside<ScalingOptions> | null | ScalingOptions,
    options?: ScalingOptions,
  ) {
    super('HeNormal', [2, 'fanIn', 'truncatedNormal'], [seed, inputAxes, outputAxes, options]);
  }
}

/** A {@link HeNormal}, without `new`. */
export const heNormal = maker(HeNormal);
