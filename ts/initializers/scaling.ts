import { oneOf } from '../errors.ts';
import { numberWithin, readOptions } from '../options.ts';
import * as random from '../random/index.ts';
import type { Tensor } from '../tensor.ts';
import type { InitializerCallOptions } from './initializer.ts';
import { RandomInitializer, type SeedOptions } from './random.ts';

const modes = ['fanIn', 'fanOut', 'fanAvg'] as const;
const distributions = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const;

/** Which number of connections scales the variance. */
export type FanMode = (typeof modes)[number];

/** What {@link VarianceScaling} draws from. */
export type ScalingDistribution = (typeof distributions)[number];

/** Options of {@link VarianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** Factor of the variance, 1 if left out. */
  scale?: number | undefined;
  /** `'fanIn'` if left out. */
  mode?: FanMode | undefined;
  /** `'truncatedNormal'` if left out. */
  distribution?: ScalingDistribution | undefined;
}

/** Standard deviation of a unit normal distribution that is cut off at two deviations. */
const truncatedDeviation = 0.87962566103423978;

/** How many inputs one output of a weight sees, and how many outputs one input reaches. */
export function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const field = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}

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

  constructor(
    scale?: number | VarianceScalingOptions,
    mode?: FanMode | VarianceScalingOptions,
    distribution?: ScalingDistribution | VarianceScalingOptions,
    options?: VarianceScalingOptions,
  ) {
    const where = 'VarianceScaling';
    const names = ['scale', 'mode', 'distribution', 'seed'] as const;
    const read = readOptions<VarianceScalingOptions>(where, names, [scale, mode, distribution, options]);
    super(where, read.seed);
    this.scale = numberWithin(where, 'scale', read.scale ?? 1, Number.MIN_VALUE, Infinity);
    this.mode = oneOf(where, 'mode', read.mode ?? 'fanIn', modes);
    this.distribution = oneOf(where, 'distribution', read.distribution ?? 'truncatedNormal', distributions);
  }

  override call(shape: readonly number[], options?: InitializerCallOptions): Tensor {
    const { fanIn, fanOut } = fans(shape);
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
    return { scale: this.scale, mode: this.mode, distribution: this.distribution, ...super.getConfig() };
  }
}

/** What the named kinds of variance scaling share: the seed is their only option. */
abstract class NamedScaling extends VarianceScaling {
  constructor(
    where: string,
    scale: number,
    mode: FanMode,
    distribution: ScalingDistribution,
    seed: number | SeedOptions | undefined,
  ) {
    super({ scale, mode, distribution, seed: readOptions<SeedOptions>(where, ['seed'], [seed]).seed });
  }

  override getConfig(): SeedOptions {
    return { seed: this.seed };
  }
}

/**
 * Uniform within ±√(6 / (fanIn + fanOut)): Keras's default for kernels.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class GlorotUniform extends NamedScaling {
  static override readonly className: string = 'GlorotUniform';

  constructor(seed?: number | SeedOptions) {
    super('GlorotUniform', 1, 'fanAvg', 'uniform', seed);
  }
}

/**
 * Truncated normal with deviation √(2 / (fanIn + fanOut)).
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class GlorotNormal extends NamedScaling {
  static override readonly className: string = 'GlorotNormal';

  constructor(seed?: number | SeedOptions) {
    super('GlorotNormal', 1, 'fanAvg', 'truncatedNormal', seed);
  }
}

/**
 * Uniform within ±√(3 / fanIn).
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class LecunUniform extends NamedScaling {
  static override readonly className: string = 'LecunUniform';

  constructor(seed?: number | SeedOptions) {
    super('LecunUniform', 1, 'fanIn', 'uniform', seed);
  }
}

/**
 * Truncated normal with deviation √(1 / fanIn).
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class LecunNormal extends NamedScaling {
  static override readonly className: string = 'LecunNormal';

  constructor(seed?: number | SeedOptions) {
    super('LecunNormal', 1, 'fanIn', 'truncatedNormal', seed);
  }
}

/**
 * Uniform within ±√(6 / fanIn), for ReLU.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class HeUniform extends NamedScaling {
  static override readonly className: string = 'HeUniform';

  constructor(seed?: number | SeedOptions) {
    super('HeUniform', 2, 'fanIn', 'uniform', seed);
  }
}

/**
 * Truncated normal with deviation √(2 / fanIn), for ReLU.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class HeNormal extends NamedScaling {
  static override readonly className: string = 'HeNormal';

  constructor(seed?: number | SeedOptions) {
    super('HeNormal', 2, 'fanIn', 'truncatedNormal', seed);
  }
}
