import { badArgument, shown } from '../errors.ts';
import { apply, type TensorLike } from '../ops/apply.ts';
import { axisOf, optionsOf } from '../ops/arguments.ts';
import * as ops from '../ops/index.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkDType, checkShape, type Shape } from '../tensor/types.ts';
import type { RandomOptions } from './index.ts';
import { drawKey, type Seed, SeedGenerator } from './seed.ts';

/** One source for several draws: a number must not give all of them the same key. */
const sourceOf = (seed: Seed | null | undefined): Seed | null | undefined =>
  typeof seed === 'number' ? new SeedGenerator(seed) : seed;

/** How often a proposal is drawn; each is taken with a probability above 0.95. */
const proposals = 8;

const parameter = (where: string, name: string, value: number | Tensor): number | Tensor => {
  if (value instanceof Tensor || (typeof value === 'number' && value > 0)) return value;
  throw badArgument(where, `${name} must be a positive number or a tensor; received ${shown(value)}.`);
};

/**
 * Logarithms of gamma-distributed numbers, by Marsaglia and Tsang: a cubed normal number that is taken or not; the first
 * that is taken counts. Drawn for alpha + 1 and brought back by a power of a uniform number, which is exact for all alpha.
 */
function logGamma(shape: readonly number[], alpha: number | Tensor, seed: Seed | null | undefined): Tensor {
  const uniform = (sides: readonly number[]) => {
    // From (0, 1), so that its logarithm is finite.
    const half = apply('randomUniform', { shape: [...sides] }, [drawKey('gamma', seed)])[0]!;
    return ops.add(half, 2 ** -25);
  };
  const d = ops.add(alpha, 2 / 3);
  const scale = ops.rsqrt(ops.mul(d, 9));
  const x = apply('randomNormal', { shape: [proposals, ...shape] }, [drawKey('gamma', seed)])[0]!;
  const root = ops.add(ops.mul(x, scale), 1);
  const safe = ops.maximum(root, 1e-6);
  const cube = ops.mul(ops.mul(safe, safe), safe);
  const log = ops.log(cube);
  const bound = ops.add(ops.mul(ops.square(x), 0.5), ops.mul(d, ops.add(ops.sub(1, cube), log)));
  const taken = ops.logicalAnd(ops.greater(root, 0), ops.less(ops.log(uniform([proposals, ...shape])), bound));
  const [first, ...others] = ops.unstack(taken) as [Tensor, ...Tensor[]];
  const values = ops.unstack(log) as [Tensor, ...Tensor[]];
  const last = values.at(-1)!;
  const chosen = [first, ...others].reduceRight((rest, mask, i) => ops.where(mask, values[i]!, rest), last);
  return ops.add(ops.add(ops.log(d), chosen), ops.div(ops.log(uniform(shape)), alpha));
}

const casted = (where: string, x: Tensor, options: RandomOptions): Tensor =>
  options.dtype === undefined ? x : ops.cast(x, checkDType(where, options.dtype));

/**
 * Gamma-distributed numbers of a shape with the form `alpha`, a number or a tensor that broadcasts to it, and scale 1.
 *
 * @see https://keras.io/api/random/random_ops/#gamma-function
 */
export function gamma(shape: Shape, alpha: number | Tensor, options: RandomOptions = {}): Tensor {
  optionsOf<RandomOptions>('gamma', options, ['seed', 'dtype']);
  const form = parameter('gamma', 'alpha', alpha);
  return casted('gamma', ops.exp(logGamma(checkShape('gamma', shape), form, sourceOf(options.seed))), options);
}

/**
 * Numbers of a shape from 0 to 1 of the beta distribution with the forms `alpha` and `other` (Keras's beta), numbers or tensors that
 * broadcast to it.
 *
 * @see https://keras.io/api/random/random_ops/#beta-function
 */
export function beta(
  shape: Shape,
  alpha: number | Tensor,
  other: number | Tensor,
  options: RandomOptions = {},
): Tensor {
  optionsOf<RandomOptions>('beta', options, ['seed', 'dtype']);
  const [a, b] = [parameter('beta', 'alpha', alpha), parameter('beta', 'beta', other)];
  const sides = checkShape('beta', shape);
  const seed = sourceOf(options.seed);
  // The ratio of two gamma-distributed numbers, by their logarithms: small forms give numbers near 0.
  return casted('beta', ops.sigmoid(ops.sub(logGamma(sides, a, seed), logGamma(sides, b, seed))), options);
}

/**
 * The slices of a tensor along an axis, the first if left out, in random order.
 *
 * @see https://keras.io/api/random/random_ops/#shuffle-function
 */
export function shuffle(x: TensorLike, axis = 0, options: { seed?: Seed | null | undefined } = {}): Tensor {
  optionsOf('shuffle', options, ['seed']);
  const t = ops.cast(x, x instanceof Tensor ? x.dtype : 'float32');
  const along = axisOf('shuffle', axis, t);
  const bits = apply('randomBits', { shape: [t.dim(along)] }, [drawKey('shuffle', options.seed)])[0]!;
  return ops.gather(t, ops.argsort(bits), along);
}
