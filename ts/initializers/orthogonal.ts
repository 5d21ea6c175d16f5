import { badArgument, finite } from '../errors.ts';
import { apply } from '../ops/apply.ts';
import { readOptions } from '../options.ts';
import type { Seed } from '../random/index.ts';
import * as random from '../random/index.ts';
import { maker } from '../registry.ts';
import { eye, type Tensor } from '../tensor.ts';
import type { InitializerCallOptions } from './initializer.ts';
import { RandomInitializer, type SeedOptions } from './random-initializer.ts';

/** Options of {@link Orthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** Length of the rows or columns, 1 if left out. */
  gain?: number | undefined;
}

/**
 * A random matrix with orthogonal columns (rows, if it is wide), every one equally likely. A weight of
 * higher rank is the matrix of its last axis against all others.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a shape with fewer than two axes
 * @see https://keras.io/api/layers/initializers/
 */
export class Orthogonal extends RandomInitializer {
  static readonly className: string = 'Orthogonal';
  readonly gain: number;

  constructor(gain?: number | OrthogonalOptions, seed?: Seed | null | OrthogonalOptions, options?: OrthogonalOptions) {
    const read = readOptions<OrthogonalOptions>('Orthogonal', ['gain', 'seed'], [gain, seed, options]);
    super('Orthogonal', read.seed);
    this.gain = finite('Orthogonal', 'gain', read.gain ?? 1);
  }

  override call(shape: readonly number[], options?: InitializerCallOptions): Tensor {
    if (shape.length < 2) {
      throw badArgument('Orthogonal', `needs a shape with two axes or more; received [${shape.join(', ')}].`);
    }
    const columns = shape.at(-1)!;
    const rows = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const tall = [Math.max(rows, columns), Math.min(rows, columns)];
    const factor = polarFactor(random.normal(tall, this.drawOptions(options)), tall[1]!);
    return (rows < columns ? transpose(factor) : factor).reshape([...shape]).mul(this.gain);
  }

  override getConfig(): OrthogonalOptions {
    return { gain: this.gain, ...super.getConfig() };
  }
}

/** An {@link Orthogonal}, without `new`. */
export const orthogonal = maker(Orthogonal);

const transpose = (x: Tensor): Tensor => apply('transpose', { perm: [1, 0] }, [x])[0]!;
const matmul = (a: Tensor, b: Tensor, transposeA = false): Tensor =>
  apply('matmul', { transposeA, transposeB: false }, [a, b])[0]!;

/**
 * The orthogonal factor of a tall matrix's polar decomposition, by Newton and Schulz's iteration. Of a
 * Gaussian matrix it is uniformly distributed, as the Q of its QR decomposition is.
 */
function polarFactor(matrix: Tensor, columns: number): Tensor {
  const norm = apply('sqrt', {}, [matrix.mul(matrix).sum()])[0]!;
  const identity = eye(columns).mul(1.5);
  // A small singular value grows by 1.5 a round; the least one is about columns^-1.5 of the norm.
  const rounds = 30 + Math.ceil((1.5 * Math.log(columns)) / Math.log(1.5));
  let x = matrix.div(norm);
  for (let round = 0; round < rounds; round++) x = matmul(x, identity.sub(matmul(x, x, true).mul(0.5)));
  return x;
}
