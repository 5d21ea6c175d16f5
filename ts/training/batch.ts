import { badArgument, FoveaError, shown } from '../errors.ts';
import { flatten, type Nest } from '../layers/nest.ts';
import type { TensorLike } from '../ops/apply.ts';
import { isRecord } from '../options.ts';
import { Tensor, type TypedArray, tensor } from '../tensor.ts';
import { named } from './outputs.ts';

/** Samples along the first axis. A number is none, so that options are not taken for a record of data. */
type Samples = Exclude<TensorLike, number | boolean>;

/** Data for one input or output, or for several: in order, or by name. */
export type Data = Samples | readonly Samples[] | { readonly [name: string]: Samples };

/** Samples with what they belong to. */
export interface BatchLike {
  x: Data;
  y?: Data | undefined;
  sampleWeight?: Data | undefined;
}

/** A batch among others: `{ x, y }`, `[x, y]`, `[x, y, sampleWeight]`, or a tensor where only x is needed. */
export type OneBatch = BatchLike | readonly Data[] | Tensor;

/** Batches one after the other, as a `Dataset` gives them. */
export type Batches = Iterable<OneBatch> | AsyncIterable<OneBatch>;

/** What `fit`, `evaluate` and `predict` take: samples, batches, or a function that makes batches for each epoch. */
export type DataLike = BatchLike | Batches | (() => Batches | Promise<Batches>);

/** A batch of tensors, nested as the model's inputs and outputs are. */
export interface Batch {
  /** The inputs. */
  // biome-ignore lint/suspicious/noExplicitAny: nested as the model's input is
  x: any;
  /** The labels. */
  // biome-ignore lint/suspicious/noExplicitAny: nested as the model's output is
  y?: any;
  /** How much each sample counts. */
  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or nested as the model's output is
  sampleWeight?: any;
}

/** The fields of a batch. */
const fields = ['x', 'y', 'sampleWeight'] as const;

/** Whether a value is a record of x, y and sampleWeight. */
export function isBatch(value: unknown): value is BatchLike {
  if (!isRecord(value) || !('x' in value)) return false;
  return Object.keys(value).every((key) => (fields as readonly string[]).includes(key));
}

const isTensorLike = (value: unknown): boolean => value instanceof Tensor || ArrayBuffer.isView(value);

/** Data as a nest of tensors. */
export function toNest(where: string, value: unknown): Nest {
  if (value instanceof Tensor) return value.source();
  if (ArrayBuffer.isView(value)) return named(where, null, () => tensor(value as TypedArray));
  if (Array.isArray(value)) {
    if (value.some(isTensorLike)) return value.map((part, i) => toNest(`${where}[${i}]`, part));
    return named(where, null, () => tensor(value));
  }
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toNest(`${where}.${name}`, part)]));
  throw badArgument(where, `expected tensors, arrays, or a record of them; received ${shown(value)}.`);
}

/** A batch of tensors; its parts must have the same number of samples. */
export function toBatch(where: string, value: unknown): Batch {
  const parts = value instanceof Tensor ? [value] : value;
  const record = Array.isArray(parts)
    ? Object.fromEntries(parts.slice(0, 3).map((part, i) => [fields[i], part]))
    : parts;
  if (!isBatch(record))
    throw badArgument(where, `a batch must be { x, y, sampleWeight } or [x, y]; received ${shown(value)}.`);
  const batch: Batch = { x: toNest('x', record.x) };
  if (record.y !== undefined) batch.y = toNest('y', record.y);
  if (record.sampleWeight !== undefined && record.sampleWeight !== null)
    batch.sampleWeight = toNest('sampleWeight', record.sampleWeight);
  count(where, batch);
  return batch;
}

/** How many samples a batch has. Throws if its parts disagree, or there are none. */
export function count(where: string, batch: Batch): number {
  let first: { name: string; rows: number } | undefined;
  for (const name of fields) {
    for (const part of flatten(batch[name])) {
      const rows = part.shape[0];
      if (rows === undefined || rows === null)
        throw badArgument(where, `${name} must have the samples along its first axis; received ${part}.`);
      if (first === undefined) first = { name, rows };
      if (first.rows === rows) continue;
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `${where}: ${first.name} has ${first.rows} samples, ${name} has ${rows}. Each sample of ${first.name} needs one.`,
        where,
      );
    }
  }
  if (first === undefined || first.rows === 0) throw badArgument(where, 'received no samples.');
  return first.rows;
}

/** A value that gives batches. */
export function isBatches(value: unknown): value is Batches {
  if (value === null || typeof value !== 'object' || value instanceof Tensor || ArrayBuffer.isView(value)) return false;
  if (Array.isArray(value)) return isBatch(value[0]);
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}
