import { FoveaError, oneOf } from '../errors.ts';
import { abs, matmul, mul, sub, sum, transpose } from '../ops/index.ts';
import { unit } from '../ops/unit.ts';
import { numberWithin, readOptions } from '../options.ts';
import { maker } from '../registry.ts';
import { eye, type Tensor } from '../tensor.ts';
import { Regularizer } from './regularizer.ts';

const modes = ['rows', 'columns'] as const;

/** Options of {@link OrthogonalRegularizer}. */
export interface OrthogonalRegularizerOptions {
  /** Factor of the penalty, 0.01 if left out. */
  factor?: number | undefined;
  /** What should be orthogonal, `'rows'` if left out. */
  mode?: (typeof modes)[number] | undefined;
}

/**
 * `factor` · the mean of |cosine| over all pairs of a matrix's rows (or columns): 0 where they are orthogonal.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor below 0; `SHAPE_MISMATCH` for a weight that is no matrix
 * @see https://keras.io/api/layers/regularizers/
 */
export class OrthogonalRegularizer extends Regularizer {
  static readonly className: string = 'OrthogonalRegularizer';
  readonly factor: number;
  readonly mode: (typeof modes)[number];

  constructor(
    factor?: number | OrthogonalRegularizerOptions,
    mode?: (typeof modes)[number] | OrthogonalRegularizerOptions,
    options?: OrthogonalRegularizerOptions,
  ) {
    super();
    const where = 'OrthogonalRegularizer';
    const read = readOptions<OrthogonalRegularizerOptions>(where, ['factor', 'mode'], [factor, mode, options]);
    this.factor = numberWithin(where, 'factor', read.factor ?? 0.01, 0, Infinity);
    this.mode = oneOf(where, 'mode', read.mode ?? 'rows', modes);
  }

  override call(x: Tensor): Tensor {
    const where = 'OrthogonalRegularizer';
    if (x.rank !== 2) throw new FoveaError('SHAPE_MISMATCH', `${where}: expected a matrix, received ${x}.`, where);
    const rows = this.mode === 'rows' ? unit(x, 1) : transpose(unit(x, 0));
    const count = rows.dim(0);
    const cosines = mul(matmul(rows, transpose(rows)), sub(1, eye(count)));
    return mul(sum(abs(cosines)), (this.factor * 0.5) / ((count * (count - 1)) / 2));
  }

  override getConfig(): OrthogonalRegularizerOptions {
    return { factor: this.factor, mode: this.mode };
  }
}

/** An {@link OrthogonalRegularizer}, without `new`. */
export const orthogonalRegularizer = maker(OrthogonalRegularizer);
