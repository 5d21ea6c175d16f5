import { oneOf, whole } from '../errors.ts';
import { numberWithin } from '../options.ts';
import { tensor } from '../tensor/from.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { type Axes, axesOf, axisOf, indicesOf, optionsOf } from './arguments.ts';
import {
  add,
  cast,
  ceil,
  floor,
  greater,
  isFinite as isFiniteNumber,
  less,
  lessEqual,
  logicalAnd,
  mul,
  round,
  sub,
} from './elementwise.ts';
import { all, any, type ReduceOptions, sum } from './reduce.ts';
import { expandDims, flatten, reshape, squeeze, transpose } from './shape.ts';
import { gather, slice } from './slicing.ts';

/**
 * Where the elements stand from the smallest to the greatest along an axis, the last if left out; `null` for all of
 * them. int32, of the input's shape; equal elements stay in their order, NaN comes last.
 *
 * @see https://keras.io/api/ops/numpy/#argsort-function
 */
export function argsort(x: TensorLike, axis: number | null = -1): Tensor {
  const t = axis === null ? flatten(x) : toTensor(x, 'argsort');
  return apply('argSort', { axis: axisOf('argsort', axis ?? 0, t), descending: false }, [t])[0]!;
}

/**
 * The elements from the smallest to the greatest along an axis, the last if left out; `null` for all of them, flattened.
 * NaN comes last.
 *
 * @see https://keras.io/api/ops/numpy/#sort-function
 */
export function sort(x: TensorLike, axis: number | null = -1): Tensor {
  const t = axis === null ? flatten(x) : toTensor(x, 'sort');
  const along = axisOf('sort', axis ?? 0, t);
  return apply('takeAlong', { axis: along }, [t, argsort(t, along)])[0]!;
}

/** What {@link topK} takes. */
export interface TopKOptions {
  /** Whether they must come in order; they always do. */
  sorted?: boolean | undefined;
}

/**
 * The `k` greatest elements along the last axis, the greatest first, and their int32 indices: two tensors [..., k]. Of
 * equal elements the first comes first.
 *
 * @throws FoveaError `BAD_ARGUMENT` if there are fewer than `k`
 * @see https://keras.io/api/ops/core/#topk-function
 */
export function topK(x: TensorLike, k: number, options?: TopKOptions): [values: Tensor, indices: Tensor] {
  optionsOf<TopKOptions>('topK', options, ['sorted']);
  const t = toTensor(x, 'topK');
  const axis = axisOf('topK', -1, t);
  whole('topK', 'k', k, 0, t.shape[axis] ?? undefined);
  const order = apply('argSort', { axis, descending: true }, [t])[0]!;
  const indices = slice(order, [...Array<null>(axis).fill(null), 0], [...Array<null>(axis).fill(null), k]);
  return [apply('takeAlong', { axis }, [t, indices])[0]!, indices];
}

/**
 * Whether each of the targets [n], class indices, is among the `k` greatest of its row of predictions [n, classes]: bool
 * [n]. Classes that tie with the k-th are in; a row with a prediction that is not finite, or
 * whose target is out of range, is not.
 *
 * @see https://keras.io/api/ops/core/#intopk-function
 */
export function inTopK(targets: TensorLike, predictions: TensorLike, k: number): Tensor {
  const rows = toTensor(predictions, 'inTopK');
  const labels = indicesOf('inTopK', targets);
  whole('inTopK', 'k', k);
  const classes = rows.dim(-1);
  const hot = cast(apply('oneHot', { depth: classes }, [labels])[0]!, 'bool');
  const own = apply('where', {}, [hot, rows, 0])[0]!;
  const value = sum(own, -1, { keepdims: true });
  const better = sum(cast(greater(rows, value), 'int32'), -1);
  const known = logicalAnd(any(hot, -1), all(isFiniteNumber(rows), -1));
  return logicalAnd(less(better, k), known);
}

/** How {@link quantile} chooses between two neighbours. */
export type QuantileMethod = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest';

/** What {@link quantile} takes. */
export interface QuantileOptions extends ReduceOptions {
  /** What a quantile between two elements is, `'linear'` if left out. */
  method?: QuantileMethod | undefined;
}

const methods: readonly QuantileMethod[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest'];

/**
 * The values below which the parts `q`, from 0 to 1, of the elements lie, over some axes or all: float32. With a list of
 * parts they stand along a new first axis.
 *
 * @see https://keras.io/api/ops/numpy/#quantile-function
 */
export function quantile(x: TensorLike, q: number | readonly number[], axis?: Axes, options?: QuantileOptions): Tensor {
  return quantiles('quantile', x, q, axis, options, 1);
}

/**
 * As {@link quantile}, of parts from 0 to 100.
 *
 * @see https://keras.io/api/ops/numpy/#percentile-function
 */
export function percentile(
  x: TensorLike,
  q: number | readonly number[],
  axis?: Axes,
  options?: QuantileOptions,
): Tensor {
  return quantiles('percentile', x, q, axis, options, 100);
}

function quantiles(
  where: string,
  x: TensorLike,
  q: number | readonly number[],
  axis: Axes | undefined,
  options: QuantileOptions | undefined,
  whole: number,
): Tensor {
  const { method = 'linear', keepdims = false } = optionsOf<QuantileOptions>(where, options, ['method', 'keepdims']);
  oneOf(where, 'method', method, methods);
  const parts = (Array.isArray(q) ? q : [q]).map((part) => numberWithin(where, 'q', part, 0, whole) / whole);
  const t = cast(toTensor(x, where), 'float32');
  const named = axesOf(where, axis).map((a) => axisOf(where, a, t));
  const axes = named.length > 0 ? named : [...t.shape.keys()];
  const rest = [...t.shape.keys()].filter((a) => !axes.includes(a));
  const moved = transpose(t, [...rest, ...axes]);
  const lanes = reshape(moved, [...rest.map((a) => t.shape[a]!), axes.reduce((n, a) => n * t.dim(a), 1)]);
  const values = atPlaces(sort(lanes), parts, method);
  const first = transpose(values, [rest.length, ...rest.keys()]);
  const kept = keepdims
    ? expandDims(
        first,
        axes.map((a) => a + 1),
      )
    : first;
  return Array.isArray(q) ? kept : squeeze(kept, 0);
}

/** Of sorted lanes [..., n] the values at parts of their length: [..., parts]. */
function atPlaces(lanes: Tensor, parts: readonly number[], method: QuantileMethod): Tensor {
  const last = lanes.dim(-1) - 1;
  const places = tensor(Float32Array.from(parts)).mul(last);
  const pick = (at: Tensor) => gather(lanes, cast(at, 'int32'), -1);
  const [low, high] = [pick(floor(places)), pick(ceil(places))];
  if (method === 'linear') return add(low, mul(sub(high, low), sub(places, floor(places))));
  if (method === 'midpoint') return mul(add(low, high), 0.5);
  if (method === 'nearest') return pick(round(places));
  return method === 'lower' ? low : high;
}

/**
 * The middle of the elements over some axes or all: float32.
 *
 * @see https://keras.io/api/ops/numpy/#median-function
 */
export function median(x: TensorLike, axis?: Axes, options?: ReduceOptions): Tensor {
  return quantiles('median', x, 0.5, axis, options === undefined ? undefined : { ...options, method: 'midpoint' }, 1);
}

/** What {@link searchSorted} takes. */
export interface SearchOptions {
  /** Whether it goes before or behind what equals it, `'left'` if left out. */
  side?: 'left' | 'right' | undefined;
}

/**
 * Where values belong in a sorted sequence [n], so that it stays sorted: int32, of the values' shape.
 *
 * @see https://keras.io/api/ops/numpy/#searchsorted-function
 */
export function searchSorted(sequence: TensorLike, values: TensorLike, options?: SearchOptions): Tensor {
  const { side = 'left' } = optionsOf<SearchOptions>('searchSorted', options, ['side']);
  oneOf('searchSorted', 'side', side, ['left', 'right']);
  const row = reshape(sequence, [-1]);
  const each = expandDims(values, -1);
  const before = side === 'left' ? less(row, each) : lessEqual(row, each);
  return sum(cast(before, 'int32'), -1);
}

/**
 * The bin of each value: how many of the rising edges `bins` [n] are at most it. int32, of the values' shape.
 *
 * @see https://keras.io/api/ops/numpy/#digitize-function
 */
export function digitize(x: TensorLike, bins: TensorLike): Tensor {
  return searchSorted(bins, x, { side: 'right' });
}

// Keras's spelling.
export { searchSorted as searchsorted };
