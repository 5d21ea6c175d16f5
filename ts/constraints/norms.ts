import { badArgument, shown, whole } from '../errors.ts';
import { add, clip, div, maximum, mul, sqrt, square, sum } from '../ops/index.ts';
import { type ListBeside, numberWithin, readOptions } from '../options.ts';
import { maker } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import { Constraint } from './constraint.ts';

/** Keeps lengths of 0 from dividing. */
const epsilon = 1e-7;

/** Along which axes a weight's vectors lie. */
type Axis = number | readonly number[] | null;

/** Checks axes; 0, the inputs of a dense layer, if left out. */
function axisOf(where: string, axis: unknown = 0): Axis {
  if (axis === null) return null;
  if (!Array.isArray(axis)) return whole(where, 'axis', axis);
  if (axis.length > 0) return axis.map((a) => whole(where, 'axis', a));
  throw badArgument(where, `axis must be a whole number or several; received ${shown(axis)}.`);
}

const norms = (w: Tensor, axis: Axis): Tensor => sqrt(sum(square(w), axis, { keepdims: true }));

/** Options of {@link UnitNorm}. */
export interface UnitNormOptions {
  /** Along which axes the vectors lie, 0 if left out: [0, 1, 2] for the filters of a convolution, `null` for all. */
  axis?: Axis | undefined;
}

/** Options of {@link MaxNorm}. */
export interface MaxNormOptions extends UnitNormOptions {
  /** The greatest length, 2 if left out. */
  maxValue?: number | undefined;
}

/** Options of {@link MinMaxNorm}. */
export interface MinMaxNormOptions extends UnitNormOptions {
  /** The least length, 0 if left out. */
  minValue?: number | undefined;
  /** The greatest length, 1 if left out. */
  maxValue?: number | undefined;
  /** How far lengths are drawn to their bounds in one update: 1, if left out, all the way, 0 not at all. */
  rate?: number | undefined;
}

/**
 * Shortens vectors of weights that are longer than `maxValue`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a length below 0
 * @see https://keras.io/api/layers/constraints/
 */
export class MaxNorm extends Constraint {
  static readonly className: string = 'MaxNorm';
  readonly maxValue: number;
  readonly axis: Axis;

  constructor(
    maxValue?: number | MaxNormOptions,
    axis?: number | ListBeside<MaxNormOptions> | null | MaxNormOptions,
    options?: MaxNormOptions,
  ) {
    super();
    const read = readOptions<MaxNormOptions>('MaxNorm', ['maxValue', 'axis'], [maxValue, axis, options]);
    this.maxValue = numberWithin('MaxNorm', 'maxValue', read.maxValue ?? 2, 0, Infinity);
    this.axis = axisOf('MaxNorm', read.axis);
  }

  override call(w: Tensor): Tensor {
    const long = norms(w, this.axis);
    return mul(w, div(clip(long, 0, this.maxValue), add(long, epsilon)));
  }

  override getConfig(): MaxNormOptions {
    return { maxValue: this.maxValue, axis: this.axis };
  }
}

/** A {@link MaxNorm}, without `new`. */
export const maxNorm = maker(MaxNorm);

/**
 * Brings the lengths of vectors of weights between `minValue` and `maxValue`, or nearer to that by `rate`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a length below 0, or a rate that is not from 0 to 1
 * @see https://keras.io/api/layers/constraints/
 */
export class MinMaxNorm extends Constraint {
  static readonly className: string = 'MinMaxNorm';
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  readonly axis: Axis;

  constructor(
    minValue?: number | MinMaxNormOptions,
    maxValue?: number | MinMaxNormOptions,
    rate?: number | MinMaxNormOptions,
    axis?: number | ListBeside<MinMaxNormOptions> | null | MinMaxNormOptions,
    options?: MinMaxNormOptions,
  ) {
    super();
    const where = 'MinMaxNorm';
    const names = ['minValue', 'maxValue', 'rate', 'axis'] as const;
    const read = readOptions<MinMaxNormOptions>(where, names, [minValue, maxValue, rate, axis, options]);
    this.minValue = numberWithin(where, 'minValue', read.minValue ?? 0, 0, Infinity);
    this.maxValue = numberWithin(where, 'maxValue', read.maxValue ?? 1, 0, Infinity);
    this.rate = numberWithin(where, 'rate', read.rate ?? 1, 0, 1);
    this.axis = axisOf(where, read.axis);
  }

  override call(w: Tensor): Tensor {
    const long = norms(w, this.axis);
    const bound = mul(clip(long, this.minValue, this.maxValue), this.rate);
    return mul(w, div(add(bound, mul(long, 1 - this.rate)), add(long, epsilon)));
  }

  override getConfig(): MinMaxNormOptions {
    const { minValue, maxValue, rate, axis } = this;
    return { minValue, maxValue, rate, axis };
  }
}

/** A {@link MinMaxNorm}, without `new`. */
export const minMaxNorm = maker(MinMaxNorm);

/**
 * Brings every vector of weights to length 1; zeros stay.
 *
 * @see https://keras.io/api/layers/constraints/
 */
export class UnitNorm extends Constraint {
  static readonly className: string = 'UnitNorm';
  readonly axis: Axis;

  constructor(axis?: number | ListBeside<UnitNormOptions> | null | UnitNormOptions, options?: UnitNormOptions) {
    super();
    this.axis = axisOf('UnitNorm', readOptions<UnitNormOptions>('UnitNorm', ['axis'], [axis, options]).axis);
  }

  override call(w: Tensor): Tensor {
    return div(w, add(norms(w, this.axis), epsilon));
  }

  override getConfig(): UnitNormOptions {
    return { axis: this.axis };
  }
}

/** A {@link UnitNorm}, without `new`. */
export const unitNorm = maker(UnitNorm);

/**
 * Makes weights below 0 to 0.
 *
 * @see https://keras.io/api/layers/constraints/
 */
export class NonNeg extends Constraint {
  static readonly className: string = 'NonNeg';

  override call(w: Tensor): Tensor {
    return maximum(w, 0);
  }
}

/** A {@link NonNeg}, without `new`. */
export const nonNeg = maker(NonNeg);
