import type { NativeSource } from '../native.ts';
import type { Batch } from './batch.ts';
import type { Step } from './traced.ts';

/** Compiles a step for batches like one. */
export type Compile = (like: Batch) => Promise<Step>;

/** An epoch's batches, ready to run. */
export interface Opened {
  readonly source: NativeSource;
  /** One of the steps: all have the same logs. */
  readonly step: Step;
  /** Those steps whose variables are to be made ready before the epoch. */
  readonly steps: readonly Step[];
  /** Ends it early. */
  close(): void;
  /** Settles when nothing more is read; rejects with what went wrong while the batches were made. */
  readonly done: Promise<void>;
  /** Whether there will be a batch of this number; absent where the number of batches is known. */
  readonly comes?: (index: number) => Promise<boolean>;
}

/** How an epoch is read. */
export interface OpenOptions {
  /** A Philox key; in order if left out. */
  shuffle?: [number, number] | undefined;
  /** At most so many batches; `null` for all. */
  steps: number | null;
  /** Whether an epoch of fewer batches than there are goes on where the last one ended. */
  goesOn?: boolean | undefined;
}

/** Where batches come from. */
export interface Feed {
  /** Batches in an epoch; `null` if nobody knows. */
  readonly steps: number | null;
  /** What the first batch looks like. */
  first(): Promise<Batch>;
  /** Lets the next epoch begin with the first batch, as far as the data can begin anew. */
  restart(): void;
  /** The only batch of each epoch, if it lies in memory as it is read; else `null`. */
  whole(): Batch | null;
  /** The batches of one epoch for native code. */
  open(compile: Compile, options: OpenOptions): Promise<Opened>;
  /** The batches of one epoch one by one. */
  batches(options: OpenOptions): AsyncIterable<Batch>;
  /** Ends it for good. */
  end(): Promise<void>;
}

/** Changes batches as they are read: weights by class. */
export type Change = (batch: Batch) => Batch;
