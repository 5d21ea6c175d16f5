import { abs, square, sum } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import { maker } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import { Regularizer } from './regularizer.ts';

const absolute = (x: Tensor): Tensor => sum(abs(x));
const squares = (x: Tensor): Tensor => sum(square(x));

/** Options of {@link L1}. */
export interface L1Options {
  /** Factor of the penalty, 0.01 if left out. */
  l1?: number | undefined;
}

/**
 * `l1` · Σ|x|, l1 0.01 if left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor below 0
 * @see https://keras.io/api/layers/regularizers/
 */
export class L1 extends Regularizer {
  static readonly className: string = 'L1';
  readonly l1: number;

  constructor(l1?: number | L1Options) {
    super();
    const options = readOptions<L1Options>('L1', ['l1'], [l1]);
    this.l1 = numberWithin('L1', 'l1', options.l1 ?? 0.01, 0, Infinity);
  }

  override call(x: Tensor): Tensor {
    return absolute(x).mul(this.l1);
  }

  override getConfig(): L1Options {
    return { l1: this.l1 };
  }
}

/** An {@link L1}, without `new`. */
export const l1 = maker(L1);

/** Options of {@link L2}. */
export interface L2Options {
  /** Factor of the penalty, 0.01 if left out. */
  l2?: number | undefined;
}

/**
 * `l2` · Σx², l2 0.01 if left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor below 0
 * @see https://keras.io/api/layers/regularizers/
 */
export class L2 extends Regularizer {
  static readonly className: string = 'L2';
  readonly l2: number;

  constructor(l2?: number | L2Options) {
    super();
    const options = readOptions<L2Options>('L2', ['l2'], [l2]);
    this.l2 = numberWithin('L2', 'l2', options.l2 ?? 0.01, 0, Infinity);
  }

  override call(x: Tensor): Tensor {
    return squares(x).mul(this.l2);
  }

  override getConfig(): L2Options {
    return { l2: this.l2 };
  }
}

/** An {@link L2}, without `new`. */
export const l2 = maker(L2);

/** Options of {@link L1L2}. */
export interface L1L2Options extends L1Options, L2Options {}

/**
 * `l1` · Σ|x| + `l2` · Σx²; a factor that is left out is 0.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor below 0
 * @see https://keras.io/api/layers/regularizers/
 */
export class L1L2 extends Regularizer {
  static readonly className: string = 'L1L2';
  /** What else strings call it. */
  static readonly aliases = ['l1l2'] as const;
  readonly l1: number;
  readonly l2: number;

  constructor(l1?: number | L1L2Options, l2?: number | L2Options) {
    super();
    const options = readOptions<L1L2Options>('L1L2', ['l1', 'l2'], [l1, l2]);
    this.l1 = numberWithin('L1L2', 'l1', options.l1 ?? 0, 0, Infinity);
    this.l2 = numberWithin('L1L2', 'l2', options.l2 ?? 0, 0, Infinity);
  }

  override call(x: Tensor): Tensor {
    return absolute(x).mul(this.l1).add(squares(x).mul(this.l2));
  }

  override getConfig(): L1L2Options {
    return { l1: this.l1, l2: this.l2 };
  }
}

/** An {@link L1L2}, without `new`. */
export const l1L2 = maker(L1L2);
