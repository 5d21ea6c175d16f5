import type { CallbackLike } from '../callbacks/callback.ts';
import { badArgument, shown } from '../errors.ts';
import { isRecord, positiveInteger } from '../options.ts';
import type { Batch, Batches, BatchLike, Data, DataLike } from './batch.ts';
import { isBatch, isBatches, toBatch } from './batch.ts';
import type { ClassWeight } from './class-weight.ts';
import type { Change, Feed } from './feed.ts';
import { IterableFeed } from './iterable-feed.ts';
import { TensorFeed } from './tensor-feed.ts';

/** How much is shown: nothing, a bar, one line an epoch; `'auto'` is a bar on a terminal, else lines. */
export type Verbose = 'auto' | 0 | 1 | 2;

/** Options that `fit`, `evaluate` and `predict` share. */
export interface RunOptions {
  /** Samples in a batch, 32 if left out; of no use where the data are batches already. */
  batchSize?: number | null | undefined;
  /** `'auto'` if left out. */
  verbose?: Verbose | undefined;
  /** One or several, called in their order. */
  callbacks?: CallbackLike | readonly CallbackLike[] | undefined;
  /** Ends it after the current step: it rejects with code `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** What validation data may be. */
export type ValidationData =
  | DataLike
  | readonly [x: Data]
  | readonly [x: Data, y: Data]
  | readonly [x: Data, y: Data, sampleWeight: Data];

/** Options of `fit`. */
export interface FitOptions extends RunOptions {
  /** How often to go through the data, 1 if left out. */
  epochs?: number | undefined;
  /** The part of the samples, taken from the end before any shuffling, that is kept for validation; 0 if left out. */
  validationSplit?: number | undefined;
  /** What the model is measured on after each epoch: `{ x, y }`, `[x, y]` or batches. Wins over `validationSplit`. */
  validationData?: ValidationData | undefined;
  /** Samples in a batch of validation; `batchSize` if left out. */
  validationBatchSize?: number | null | undefined;
  /** How many batches a validation takes; all if left out. */
  validationSteps?: number | null | undefined;
  /** After how many epochs (1 if left out), or after which (from 1), there is a validation. */
  validationFreq?: number | readonly number[] | undefined;
  /** Whether samples come in a new order each epoch; true if left out. */
  shuffle?: boolean | undefined;
  /** How much the samples of each class count, by its number: `{ 0: 1, 1: 10 }`; 1 where it is left out. */
  classWeight?: ClassWeight | null | undefined;
  /** How much each sample counts. */
  sampleWeight?: Data | null | undefined;
  /** The epoch to begin with, from 0; 0 if left out. */
  initialEpoch?: number | undefined;
  /** How many batches an epoch takes; all if left out. */
  stepsPerEpoch?: number | null | undefined;
}

/** Options of `evaluate`. */
export interface EvaluateOptions extends RunOptions {
  /** How much each sample counts. */
  sampleWeight?: Data | null | undefined;
  /** How many batches; all if left out. */
  steps?: number | null | undefined;
}

/** Options of `predict`. */
export interface PredictOptions extends RunOptions {
  /** How many batches; all if left out. */
  steps?: number | null | undefined;
}

const runOptions = ['batchSize', 'verbose', 'callbacks', 'signal'] as const;

/** The names of {@link FitOptions}. */
export const fitOptions = [
  ...runOptions,
  'epochs',
  'validationSplit',
  'validationData',
  'validationBatchSize',
  'validationSteps',
  'validationFreq',
  'shuffle',
  'classWeight',
  'sampleWeight',
  'initialEpoch',
  'stepsPerEpoch',
] as const;

/** The names of {@link EvaluateOptions}. */
export const evaluateOptions = [...runOptions, 'sampleWeight', 'steps'] as const;

/** The names of {@link PredictOptions}. */
export const predictOptions = [...runOptions, 'steps'] as const;

/** Samples in a batch where nobody says how many. */
export const usualBatchSize = 32;

/** What was asked for, with `'auto'` decided. */
export function verbosity(where: string, verbose: unknown): 0 | 1 | 2 {
  if (verbose === undefined || verbose === 'auto') return process.stdout.isTTY ? 1 : 2;
  if (verbose === 0 || verbose === 1 || verbose === 2) return verbose;
  throw badArgument(where, `verbose must be 'auto', 0, 1 or 2; received ${shown(verbose)}.`);
}

/** Throws unless a signal is one, or none was given. */
export function signalOf(where: string, signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw badArgument(
    where,
    `signal must be an AbortSignal, such as new AbortController().signal; received ${shown(signal)}.`,
  );
}

/** A whole number of at least 1, or `null` where none was given. */
export const optionalCount = (where: string, field: string, value: unknown): number | null =>
  value === undefined || value === null ? null : positiveInteger(where, field, value);

/** The arguments of `fit` and `evaluate`: data and options, or x, y and options. */
export function splitArguments<O>(
  where: string,
  first: unknown,
  second: unknown,
  third: unknown,
): { data: DataLike | { x: Data; y?: Data | undefined }; options: O } {
  if (first === undefined || first === null)
    throw badArgument(where, `needs data: ${where}(x, y) or ${where}({ x, y }).`);
  const whole = isBatch(first) || isBatches(first) || typeof first === 'function';
  const options = whole && !(isBatch(first) && isData(second)) ? second : third;
  if (options !== undefined && !isRecord(options))
    throw badArgument(where, `options must be a record like { batchSize: 32 }; received ${shown(options)}.`);
  if (!whole && third === undefined && areOptions(second))
    throw badArgument(where, `needs labels before the options: ${where}(x, y, { … }) or ${where}({ x, y }, { … }).`);
  if (whole) return { data: first as DataLike, options: (options ?? {}) as O };
  return { data: { x: first as Data, y: second as Data | undefined }, options: (options ?? {}) as O };
}

const known: ReadonlySet<string> = new Set([...fitOptions, ...evaluateOptions]);

/** Whether a record that stands where labels belong holds options. */
function areOptions(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => known.has(name));
}

const isData = (value: unknown): boolean => value !== undefined && !isRecord(value);

/** The feed for data. */
export function feedOf(
  where: string,
  data: DataLike | ValidationData | { x: Data; y?: Data | undefined },
  batchSize: number | null | undefined,
  change: Change = (batch) => batch,
  sampleWeight?: Data | null,
): Feed {
  const size = optionalCount(where, 'batchSize', batchSize) ?? usualBatchSize;
  if (typeof data === 'function' || isBatches(data)) {
    if (sampleWeight) throw badArgument(where, 'takes sampleWeight within the batches, where the data are batches.');
    return new IterableFeed(where, data as Batches | (() => Batches), change);
  }
  const record: BatchLike | readonly Data[] = sampleWeight
    ? { ...(data as BatchLike), sampleWeight }
    : (data as BatchLike);
  const batch: Batch = change(toBatch(where, record));
  return new TensorFeed(where, batch, size);
}
