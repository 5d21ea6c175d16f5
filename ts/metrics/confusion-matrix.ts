import { badArgument, shown } from '../errors.ts';
import { floats } from '../losses/align.ts';
import { sameRank } from '../losses/reduce.ts';
import { apply, type TensorLike } from '../ops/apply.ts';
import {
  add,
  at,
  broadcastTo,
  cast,
  ceil,
  clip,
  cumsum,
  equal,
  expandDims,
  greater,
  isNan,
  less,
  logicalAnd,
  maximum,
  mul,
  reshape,
  stack,
  sub,
  sum,
  transpose,
  where,
} from '../ops/index.ts';
import { arange, type Tensor, tensor, type Variable } from '../tensor.ts';

/** What a prediction that does not count is. */
export const nowhere = -1e10;

/** How a batch is counted. */
export interface Counting {
  /** Above each of them a prediction counts as yes. */
  readonly thresholds: readonly number[];
  /** Whether the thresholds lie evenly from 0 to 1. */
  readonly even: boolean;
  /** Only so many greatest predictions of a sample can count as yes. */
  readonly topK?: number | null;
  /** Only this index of the last axis counts. */
  readonly classId?: number | null;
  readonly sampleWeight: Tensor | null;
  /** Whether each index of the last axis is counted for itself. */
  readonly multiLabel?: boolean;
  readonly labelWeights?: Tensor | null;
}

/** Weighted counts for each threshold: [thresholds], with `multiLabel` [thresholds, labels]. */
export interface Counts {
  readonly truePositives: Tensor;
  readonly falsePositives: Tensor;
  readonly trueNegatives: Tensor;
  readonly falseNegatives: Tensor;
}

/** Throws unless thresholds are numbers from 0 to 1; what they are if left out. */
export function thresholdsOf(
  where_: string,
  thresholds: number | readonly number[] | null | undefined,
  usual: number,
): readonly number[] {
  if (thresholds === null || thresholds === undefined) return [usual];
  const list: unknown[] = Array.isArray(thresholds) ? thresholds : [thresholds];
  if (list.length > 0 && list.every((t) => typeof t === 'number' && t >= 0 && t <= 1)) return list as number[];
  throw badArgument(where_, `thresholds must be numbers from 0 to 1; received ${shown(thresholds)}.`);
}

/** Whether thresholds lie evenly from 0 to 1: then predictions are sorted into buckets, without comparing all with all. */
export function evenly(thresholds: readonly number[]): boolean {
  const last = thresholds.length - 1;
  return last >= 2 && thresholds.every((t, i) => Math.abs(t - i / last) <= 1e-7 + (1e-5 * i) / last);
}

/** Counts the labels and predictions of a batch by whether they are yes and whether they agree. */
export function counted(where_: string, yTrue: TensorLike, yPred: TensorLike, how: Counting): Counts {
  let [y, t] = sameRank(floats(where_, yPred), floats(where_, yTrue));
  if ((how.topK ?? null) !== null) y = firstOnes(y, how.topK!);
  if ((how.classId ?? null) !== null) {
    if (y.rank < 2) throw badArgument(where_, `classId needs predictions [batch, classes]; received ${y}.`);
    const only = (x: Tensor) => at(x, ...Array<null>(x.rank - 1).fill(null), [how.classId!, how.classId! + 1]);
    if (how.classId! >= y.dim(-1)) throw badArgument(where_, `classId ${how.classId} is none of the classes of ${y}.`);
    [t, y] = [only(t), only(y)];
  }
  const yes = cast(cast(t, 'bool'), 'float32');
  const weight = weights(where_, t, y, how);
  const [positive, negative] = weight === null ? [yes, sub(1, yes)] : [mul(yes, weight), mul(sub(1, yes), weight)];
  return how.even ? inBuckets(y, positive, negative, how) : compared(y, positive, negative, how);
}

/** How much each prediction counts, `null` if all count 1. */
function weights(
  where_: string,
  t: Tensor,
  y: Tensor,
  { sampleWeight, labelWeights, multiLabel }: Counting,
): Tensor | null {
  let weight: Tensor | null = null;
  if (sampleWeight !== null) {
    const given = floats(where_, sampleWeight);
    weight = broadcastTo(given.rank === t.rank ? given : expandDims(given, -1), y.shape);
  }
  if (!labelWeights || multiLabel) return weight;
  const each = broadcastTo(expandDims(labelWeights, 0), y.shape);
  return weight === null ? each : mul(weight, each);
}

/** The k greatest predictions of the last axis, the first of equals; what is not among them counts nowhere. */
function firstOnes(y: Tensor, k: number): Tensor {
  const [own, other] = [expandDims(y, -1), expandDims(y, -2)];
  const place = arange(y.dim(-1), { dtype: 'int32' });
  const before = less(expandDims(place, 0), expandDims(place, 1));
  const ahead = add(cast(greater(other, own), 'int32'), cast(logicalAnd(equal(other, own), before), 'int32'));
  return where(less(sum(ahead, -1), k), y, nowhere);
}

/** Counts by comparing every prediction with every threshold. */
function compared(y: Tensor, positive: Tensor, negative: Tensor, { thresholds, multiLabel = false }: Counting): Counts {
  const row = (x: Tensor) => (multiLabel ? expandDims(x, 0) : reshape(x, [1, -1]));
  const border = reshape(tensor(Float32Array.from(thresholds)), multiLabel ? [-1, 1, 1] : [-1, 1]);
  const above = greater(row(y), border);
  const count = (x: Tensor, yes: boolean) => sum(yes ? where(above, row(x), 0) : where(above, 0, row(x)), 1);
  return {
    truePositives: count(positive, true),
    falsePositives: count(negative, true),
    trueNegatives: count(negative, false),
    falseNegatives: count(positive, false),
  };
}

/** Counts by sorting predictions into the buckets between thresholds. */
function inBuckets(
  y: Tensor,
  positive: Tensor,
  negative: Tensor,
  { thresholds, multiLabel = false }: Counting,
): Counts {
  const buckets = thresholds.length + 1;
  const labels = multiLabel ? y.dim(-1) : 1;
  const scaled = ceil(mul(clip(where(isNan(y), 0, y), 0, 1), thresholds.length - 1));
  // Bucket 0 is for what is above no threshold, unless the first one lies below 0.
  const bucket = cast(thresholds[0]! < 0 ? maximum(scaled, 1) : scaled, 'int32');
  const place = multiLabel ? add(bucket, mul(arange(labels, { dtype: 'int32' }), buckets)) : bucket;
  const both = stack([reshape(positive, [-1]), reshape(negative, [-1])], 1);
  const added = apply('scatterAdd', { axis: 0, size: labels * buckets }, [both, reshape(place, [-1])])[0]!;
  const above = cumsum(reshape(added, [labels, buckets, 2]), 1, { reverse: true });
  const counts = (index: number) => {
    const all = transpose(at(above, null, null, index));
    const total = at(all, [0, 1]);
    const yes = at(all, [1, null]);
    return [yes, sub(total, yes)].map((x) => (multiLabel ? x : reshape(x, [-1])));
  };
  const [[truePositives, falseNegatives], [falsePositives, trueNegatives]] = [counts(0), counts(1)];
  return {
    truePositives: truePositives!,
    falsePositives: falsePositives!,
    trueNegatives: trueNegatives!,
    falseNegatives: falseNegatives!,
  };
}

/** One of the four counts. */
export type Cell = keyof Counts;

/** Names of state as Keras has them. */
export const stateNames: Record<Cell, string> = {
  truePositives: 'true_positives',
  falsePositives: 'false_positives',
  trueNegatives: 'true_negatives',
  falseNegatives: 'false_negatives',
};

/** State for all four counts, each made by its name. */
export function stateOf(make: (name: string) => Variable): Record<Cell, Variable> {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = stateNames;
  return {
    truePositives: make(truePositives),
    falsePositives: make(falsePositives),
    trueNegatives: make(trueNegatives),
    falseNegatives: make(falseNegatives),
  };
}

/** Adds the counts of a batch to the state. */
export function tally(cells: Partial<Record<Cell, Variable>>, counts: Counts): void {
  for (const [cell, variable] of Object.entries(cells)) variable.assign(add(variable, counts[cell as Cell]));
}
