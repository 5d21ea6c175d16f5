import { badArgument, finite, whole } from '../errors.ts';
import type { OpName } from '../generated/ops.ts';
import { apply } from '../ops/apply.ts';
import { unknownOption } from '../options.ts';
import '../tensor.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkDType, checkShape, type DType, type Shape } from '../tensor/types.ts';
import { drawKey, type Seed } from './seed.ts';

export * from './distributions.ts';
export { type Seed, SeedGenerator, type SeedGeneratorOptions, setSeed } from './seed.ts';

/** What every random function takes. */
export interface RandomOptions {
  /** The same number gives the same values each time; without a seed each draw is new. */
  seed?: Seed | null | undefined;
  /** float32 if left out (of `randint` int32). */
  dtype?: DType | undefined;
}

type Draw = Extract<OpName, `random${string}`>;

/** The shape to draw into and an op's operands: a key and, for its shape, a tensor whose sides may be unknown. */
function drawing(op: Draw, shape: Shape | Tensor, seed: Seed | null | undefined): [readonly number[], Tensor[]] {
  const key = drawKey(op, seed);
  return shape instanceof Tensor ? [[], [key, shape]] : [checkShape(op, shape), [key]];
}

function draw(op: Exclude<Draw, 'randomBernoulli'>, into: Shape | Tensor, seed: Seed | null | undefined): Tensor {
  const [shape, operands] = drawing(op, into, seed);
  return apply(op, { shape }, operands)[0]!;
}

function casted(where: string, x: Tensor, dtype: DType | undefined): Tensor {
  return dtype === undefined || checkDType(where, dtype) === x.dtype ? x : x.cast(dtype);
}

/** What {@link uniform} takes. */
export interface UniformOptions extends RandomOptions {
  /** The lower bound, 0 if left out. */
  minval?: number | undefined;
  /** The upper bound, which is never reached; 1 if left out. */
  maxval?: number | undefined;
}

/** Numbers of a shape, or of a tensor's, evenly spread over [minval, maxval): [0, 1) if left out. */
export function uniform(shape: Shape | Tensor, options: UniformOptions = {}): Tensor {
  unknownOption('uniform', options, ['minval', 'maxval', 'seed', 'dtype']);
  const minval = finite('uniform', 'minval', options.minval ?? 0);
  const maxval = finite('uniform', 'maxval', options.maxval ?? 1);
  const unit = draw('randomUniform', shape, options.seed);
  const x = minval === 0 && maxval === 1 ? unit : unit.mul(maxval - minval).add(minval);
  return casted('uniform', x, options.dtype);
}

/** What {@link normal} and {@link truncatedNormal} take. */
export interface NormalOptions extends RandomOptions {
  /** 0 if left out. */
  mean?: number | undefined;
  /** 1 if left out. */
  stddev?: number | undefined;
}

function bell(
  where: string,
  op: 'randomNormal' | 'randomTruncatedNormal',
  shape: Shape | Tensor,
  options: NormalOptions,
): Tensor {
  unknownOption(where, options, ['mean', 'stddev', 'seed', 'dtype']);
  const mean = finite(where, 'mean', options.mean ?? 0);
  const stddev = finite(where, 'stddev', options.stddev ?? 1);
  const standard = draw(op, shape, options.seed);
  const scaled = stddev === 1 ? standard : standard.mul(stddev);
  return casted(where, mean === 0 ? scaled : scaled.add(mean), options.dtype);
}

/** Numbers of a shape, or of a tensor's, normally distributed: mean 0 and deviation 1 if left out. */
export function normal(shape: Shape | Tensor, options: NormalOptions = {}): Tensor {
  return bell('normal', 'randomNormal', shape, options);
}

/** As {@link normal}, drawn anew where more than two standard deviations from the mean. */
export function truncatedNormal(shape: Shape | Tensor, options: NormalOptions = {}): Tensor {
  return bell('truncatedNormal', 'randomTruncatedNormal', shape, options);
}

/** What {@link bernoulli} takes. */
export interface BernoulliOptions extends RandomOptions {
  /** What a hit counts, 1 if left out. */
  scale?: number | undefined;
}

/** `scale` with probability `p`, else 0; p is 0.5 and scale 1 if left out. */
export function bernoulli(shape: Shape | Tensor, p = 0.5, options: BernoulliOptions = {}): Tensor {
  unknownOption('bernoulli', options, ['scale', 'seed', 'dtype']);
  if (!(finite('bernoulli', 'p', p) >= 0 && p <= 1))
    throw badArgument('bernoulli', `p must be from 0 to 1; received ${p}.`);
  const scale = finite('bernoulli', 'scale', options.scale ?? 1);
  const [sides, operands] = drawing('randomBernoulli', shape, options.seed);
  return casted('bernoulli', apply('randomBernoulli', { shape: sides, p, scale }, operands)[0]!, options.dtype);
}

/** Whole numbers from `minval` up to, without, `maxval`; int32. */
export function randint(shape: Shape | Tensor, minval: number, maxval: number, options: RandomOptions = {}): Tensor {
  unknownOption('randint', options, ['seed', 'dtype']);
  whole('randint', 'minval', minval);
  whole('randint', 'maxval', maxval, minval + 1);
  // 32 random bits modulo a range of n values favour some of them by n / 2³²; floats have 24 bits only.
  const range = draw('randomBits', shape, options.seed)
    .mod(maxval - minval)
    .cast('int64')
    .add(minval);
  return range.cast(options.dtype === undefined ? 'int32' : checkDType('randint', options.dtype));
}

/** Sets elements to 0 with probability `rate` and scales the others so that the mean stays. */
export function dropout(x: Tensor, rate: number, options: { seed?: Seed | null | undefined } = {}): Tensor {
  unknownOption('dropout', options, ['seed']);
  if (!(finite('dropout', 'rate', rate) >= 0 && rate < 1))
    throw badArgument('dropout', `rate must be at least 0 and below 1; received ${rate}.`);
  return rate === 0 ? x : x.mul(bernoulli(x, 1 - rate, { ...options, scale: 1 / (1 - rate) }));
}
