import { badArgument, FoveaError, shown } from '../errors.ts';
import { readOptions } from '../options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { type Axes, axesOf, axisOf, floats, optionsOf } from './arguments.ts';
import { abs, cast, pow, sqrt, square } from './elementwise.ts';
import { expandDims, flatten } from './shape.ts';

/** What reductions take. */
export interface ReduceOptions {
  /** Whether the reduced axes stay, as sides of 1; `false` if left out. */
  keepdims?: boolean | undefined;
}

type Reduction = (x: TensorLike, axis?: Axes, options?: ReduceOptions) => Tensor;

const names = { all: 'all', any: 'any', max: 'max', mean: 'mean', min: 'min', prod: 'prod', sum: 'sum' } as const;

function keep(where: string, options: ReduceOptions | undefined): boolean {
  const { keepdims = false } = optionsOf(where, options, ['keepdims']);
  if (typeof keepdims === 'boolean') return keepdims;
  throw badArgument(where, `keepdims must be true or false; received ${shown(keepdims)}.`);
}

const reduction =
  (kind: keyof typeof names): Reduction =>
  (x, axis, options) => {
    const attributes = { kind, axes: axesOf(kind, axis), keepdims: keep(kind, options) };
    return apply('reduce', attributes, [x])[0]!;
  };

/** The sum over some axes or all. */
export const sum: Reduction = reduction('sum');
/** The mean over some axes or all. */
export const mean: Reduction = reduction('mean');
/** The product over some axes or all. */
export const prod: Reduction = reduction('prod');
/** The largest over some axes or all. */
export const max: Reduction = reduction('max');
/** The smallest over some axes or all. */
export const min: Reduction = reduction('min');

/** Whether all are true (numbers: not 0) over some axes or all. */
export const all: Reduction = (x, axis, options) => reduction('all')(cast(x, 'bool'), axis, options);
/** Whether any is true (numbers: not 0) over some axes or all. */
export const any: Reduction = (x, axis, options) => reduction('any')(cast(x, 'bool'), axis, options);

const extreme =
  (name: 'argmax' | 'argmin', kind: 'max' | 'min') =>
  (x: TensorLike, axis: number | null = null, options?: ReduceOptions): Tensor => {
    const t = toTensor(x, name);
    const keepdims = keep(name, options);
    const whole = axis === null;
    const along = whole ? 0 : axisOf(name, axis, t);
    const index = apply('argReduce', { kind, axis: along }, [whole ? flatten(t) : t])[0]!;
    if (!keepdims) return index;
    return whole ? expandDims(index, [...t.shape.keys()]) : expandDims(index, along);
  };

/** The int32 index of the largest along an axis, the first of equals; without an axis, in all elements. */
export const argmax: (x: TensorLike, axis?: number | null, options?: ReduceOptions) => Tensor = extreme(
  'argmax',
  'max',
);
/** The int32 index of the smallest along an axis, the first of equals; without an axis, in all elements. */
export const argmin: (x: TensorLike, axis?: number | null, options?: ReduceOptions) => Tensor = extreme(
  'argmin',
  'min',
);

/** Mean and population variance over some axes or all. */
export function moments(x: TensorLike, axis?: Axes, options?: ReduceOptions): [mean: Tensor, variance: Tensor] {
  const axes = axesOf('moments', axis);
  const kept = apply('moments', { axes }, [x]);
  // The axes are sides of 1 now, so that summing over them drops them.
  return (keep('moments', options) ? kept : kept.map((t) => sum(t, axis))) as [Tensor, Tensor];
}

/** The population variance over some axes or all. */
export const variance: Reduction = (x, axis, options) => moments(x, axis, options)[1];
/** The population standard deviation over some axes or all. */
export const std: Reduction = (x, axis, options) => sqrt(variance(x, axis, options));

/** log(Σ exp(x)) over some axes or all, without overflow. */
export const logsumexp: Reduction = (x, axis, options) =>
  apply('logSumExp', { axes: axesOf('logsumexp', axis), keepdims: keep('logsumexp', options) }, [x])[0]!;

/** What {@link norm} takes. */
export interface NormOptions extends ReduceOptions {
  /**
   * Which norm. Of vectors: 2, if left out, any other number, or ±Infinity. Of matrices: `'fro'`, if left out, ±1 or
   * ±Infinity.
   */
  ord?: number | 'fro' | null | undefined;
  /** The axis of the vectors, or the two of the matrices; all if left out. */
  axis?: Axes | undefined;
}

/**
 * The norm of the vectors along an axis, or of the matrices along two; of all elements if left out.
 *
 * @throws FoveaError `UNSUPPORTED` for norms of matrices that need their singular values
 * @see https://keras.io/api/ops/linalg/#norm-function
 */
export function norm(
  x: TensorLike,
  ord?: NormOptions['ord'] | NormOptions,
  axis?: Axes | NormOptions,
  keepdims?: boolean | NormOptions,
): Tensor {
  return normOf(x, readOptions<NormOptions>('norm', ['ord', 'axis', 'keepdims'], [ord, axis, keepdims]));
}

function normOf(x: TensorLike, { ord = null, axis, ...rest }: NormOptions): Tensor {
  if (ord !== null && ord !== 'fro' && (typeof ord !== 'number' || Number.isNaN(ord)))
    throw badArgument('norm', `ord must be a number or 'fro'; received ${shown(ord)}.`);
  if (ord === null) return sqrt(sum(square(x), axis, rest));
  const t = toTensor(x, 'norm');
  const axes = axesOf('norm', axis);
  if (axes.length === 0 ? t.rank === 2 : axes.length === 2) return matrixNorm(t, axes, ord, keep('norm', rest));
  if (ord === 'fro') throw badArgument('norm', `'fro' is a norm of matrices; received ${t} and axis ${shown(axis)}.`);
  return vectorNorm(t, axis, ord, rest);
}

function vectorNorm(x: Tensor, axis: Axes | undefined, ord: number, options: ReduceOptions): Tensor {
  if (ord === 2) return sqrt(sum(square(x), axis, options));
  const size = abs(x);
  if (ord === Infinity) return max(size, axis, options);
  if (ord === -Infinity) return min(size, axis, options);
  if (ord === 0) return cast(sum(cast(x, 'bool'), axis, options), 'float32');
  return ord === 1 ? sum(size, axis, options) : pow(sum(pow(floats(size, 'norm'), ord), axis, options), 1 / ord);
}

function matrixNorm(x: Tensor, axes: readonly number[], ord: number | 'fro', keepdims: boolean): Tensor {
  const [rows, columns] = (axes.length ? axes : [0, 1]).map((axis) => axisOf('norm', axis, x)) as [number, number];
  if (ord === 'fro') return sqrt(sum(square(x), [rows, columns], { keepdims }));
  if (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity)
    throw new FoveaError(
      'UNSUPPORTED',
      `norm: of matrices there are the norms 'fro', 1, -1, Infinity and -Infinity; received ${ord}.`,
      'norm',
    );
  // The greatest or least sum of a column's sizes for ±1, of a row's for ±Infinity.
  const along = Math.abs(ord) === 1 ? rows : columns;
  const sums = sum(abs(x), along, { keepdims: true });
  const kept = (ord > 0 ? max : min)(sums, [rows, columns], { keepdims: true });
  return keepdims ? kept : sum(kept, [rows, columns]);
}

/** The sum of all elements up to each one along an axis; without an axis, of the flattened tensor. */
export function cumsum(x: TensorLike, axis: number | null = null, options?: { reverse?: boolean | undefined }): Tensor {
  const { reverse = false } = optionsOf('cumsum', options, ['reverse']);
  const given = toTensor(x, 'cumsum');
  const t = given.dtype === 'bool' ? cast(given, 'int32') : given;
  const input = axis === null ? flatten(t) : t;
  return apply('cumsum', { axis: axis === null ? 0 : axisOf('cumsum', axis, t), reverse: Boolean(reverse) }, [
    input,
  ])[0]!;
}

/** How many elements are not 0, over some axes or all. */
export const countNonzero: Reduction = (x, axis, options) => sum(cast(x, 'bool'), axis, options);

// Keras's names.
export { max as amax, min as amin, variance as var };
