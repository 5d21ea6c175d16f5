import { badArgument, FoveaError, flag, shown, whole } from '../../errors.ts';
import type { Nest } from '../../layers/nest.ts';
import { isRecord, positiveInteger, readOptions, unknownOption } from '../../options.ts';
import { nextKey } from '../../random/seed.ts';
import { Cached, Prefetched } from './buffered.ts';
import { type Element, type ElementLike, type Tensors, toElement } from './element.ts';
import { DatasetIterator } from './iterator.ts';
import { Mapped } from './mapped.ts';
import { mixed } from './randomness.ts';
import { Shuffled } from './shuffled.ts';
import { Generated, type Generator, Rows } from './sources.ts';
import type { Stage } from './stage.ts';
import { Batched, Repeated, Skipped, Taken, Zipped } from './stages.ts';

/** Options of {@link Dataset.shuffle}. */
export interface ShuffleOptions {
  /** How many elements wait to be drawn: all for a thorough shuffle. */
  bufferSize?: number | undefined;
  /** The same number gives the same orders; by default it derives from `setSeed`. */
  seed?: number | null | undefined;
  /** Whether each pass has an order of its own, `true` if left out. */
  reshuffleEachIteration?: boolean | undefined;
}

/** Options of {@link Dataset.batch}. */
export interface BatchingOptions {
  /** Elements in a batch. */
  batchSize?: number | undefined;
  /** Leaves out a last batch that is smaller; `false` if left out. */
  dropRemainder?: boolean | undefined;
}

/** Options of {@link Dataset.map}. */
export interface MapOptions {
  /** Runs the function for each element instead of compiling it once; `false` if left out. */
  eager?: boolean | undefined;
}

/** Datasets in an array or a record, to be zipped. */
export type Zippable = readonly Dataset[] | { readonly [name: string]: Dataset };

/** The elements of zipped datasets. */
export type ZippedOf<D> = { -readonly [K in keyof D]: D[K] extends Dataset<infer T> ? T : never };

/**
 * Elements one after the other, made when they are asked for: what `fit`, `evaluate` and `predict` take as batches.
 * Each method gives a new dataset and leaves this one as it is. Orders are seeded, and the same at any thread count; a
 * pass can say its position and be restored there (see {@link DatasetIterator}).
 *
 * An element is a tensor, or an array or record of tensors: `{ x, y }`, `[x, y]`.
 *
 * @see https://keras.io/api/data_loading/
 * @example
 * ```ts
 * import { Dataset, Input, Sequential, random } from 'fovea';
 * import { Dense } from 'fovea/layers';
 *
 * const x = random.normal([64, 3], { seed: 1 });
 * const data = Dataset.fromTensors({ x, y: x.sum(-1, { keepdims: true }) })
 *   .shuffle(64, { seed: 2 })
 *   .batch(16)
 *   .map(({ x, y }) => ({ x: x.mul(2), y }));
 * const model = new Sequential([Input([3]), new Dense(1)]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const { history } = await model.fit(data, { epochs: 3 });
 * console.log(history.loss, data.cardinality());
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: elements of any nesting
export class Dataset<T = any> implements AsyncIterable<T> {
  readonly #stage: Stage;
  #passes = 0;
  #disposed = false;

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  /**
   * The rows of tensors, or of arrays and records of them: an element has each tensor without its first axis. What
   * `tf.data` calls `from_tensor_slices`.
   *
   * @throws FoveaError `SHAPE_MISMATCH` unless all have as many rows
   */
  static fromTensors<const D extends ElementLike>(data: D): Dataset<Tensors<D>> {
    return new Dataset(new Rows(toElement('fromTensors', data)));
  }

  /**
   * What an iterable gives that a function makes for each pass: tensors, numbers, arrays, records of them.
   *
   * @throws FoveaError `BAD_ARGUMENT` if the function gives no iterable
   */
  static fromGenerator<E>(
    make: () => Iterable<E> | AsyncIterable<E> | Promise<Iterable<E> | AsyncIterable<E>>,
  ): Dataset<Tensors<E>> {
    return new Dataset(new Generated(make as Generator));
  }

  /** The elements of several datasets side by side, until one ends: `Dataset.zip([a, b])`, `Dataset.zip({ x, y })`. */
  static zip<const D extends Zippable>(datasets: D): Dataset<ZippedOf<D>> {
    const list = (Array.isArray(datasets) ? datasets : isRecord(datasets) ? Object.values(datasets) : []) as Dataset[];
    if (list.length === 0 || !list.every((dataset) => dataset instanceof Dataset))
      throw badArgument('zip', `needs datasets in an array or a record; received ${shown(datasets)}.`);
    const keys = Array.isArray(datasets) ? null : Object.keys(datasets);
    const joined = (parts: readonly Element[]): Element =>
      keys === null ? [...parts] : Object.fromEntries(keys.map((key, i) => [key, parts[i]!]));
    const stages = list.map((dataset) => dataset.#usable());
    return new Dataset(new Zipped(stages, joined));
  }

  #usable(): Stage {
    if (this.#disposed)
      throw new FoveaError('DISPOSED', 'This Dataset was disposed and cannot be used any more.', 'Dataset');
    return this.#stage;
  }

  /** How many elements a pass has: `Infinity` after `repeat()`, `null` if nobody knows, as of a generator. */
  cardinality(): number | null {
    return this.#usable().cardinality;
  }

  /**
   * What a function makes of each element. It runs once for each shape of an element and is compiled: use `random.*` and
   * `where` in it, not `Math.random` and `if` on values, or `{ eager: true }`. What is random in it follows from the
   * seed and the element's number.
   *
   * @param fn gets the element: `({ x, y }) => …`, `([x, y]) => …`
   */
  map<U>(fn: (element: T) => U, options: MapOptions = {}): Dataset<Tensors<U>> {
    unknownOption('map', options, ['eager']);
    if (typeof fn !== 'function') throw badArgument('map', `needs a function of an element; received ${shown(fn)}.`);
    const eager = flag('map', 'eager', options.eager ?? false);
    return new Dataset(new Mapped(this.#usable(), fn as (element: Nest) => unknown, eager, nextKey()));
  }

  /** The elements in a random order: each is drawn from a buffer of `bufferSize` that the following ones fill up. */
  shuffle(
    bufferSize: number | ShuffleOptions,
    seed?: number | null | ShuffleOptions,
    reshuffleEachIteration?: boolean | ShuffleOptions,
  ): Dataset<T> {
    const names = ['bufferSize', 'seed', 'reshuffleEachIteration'] as const;
    const read = readOptions<ShuffleOptions>('shuffle', names, [bufferSize, seed, reshuffleEachIteration]);
    const size = positiveInteger('shuffle', 'bufferSize', read.bufferSize);
    const { seed: given = null } = read;
    if (given !== null) whole('shuffle', 'seed', given, 0, Number.MAX_SAFE_INTEGER);
    const key = given === null ? nextKey() : ([mixed(given, 1), mixed(given, 2)] as const);
    const anew = flag('shuffle', 'reshuffleEachIteration', read.reshuffleEachIteration ?? true);
    return new Dataset(new Shuffled(this.#usable(), size, key, anew));
  }

  /** So many elements as one, each tensor with a new first axis; the last batch may be smaller. */
  batch(batchSize: number | BatchingOptions, dropRemainder?: boolean | BatchingOptions): Dataset<T> {
    const read = readOptions<BatchingOptions>('batch', ['batchSize', 'dropRemainder'], [batchSize, dropRemainder]);
    const size = positiveInteger('batch', 'batchSize', read.batchSize);
    return new Dataset(new Batched(this.#usable(), size, flag('batch', 'dropRemainder', read.dropRemainder ?? false)));
  }

  /** The elements so many times over; without end if left out, `null` or −1. */
  repeat(count?: number | null): Dataset<T> {
    return new Dataset(new Repeated(this.#usable(), counted('repeat', count ?? -1)));
  }

  /** The first elements, at most so many; all for −1. */
  take(count: number): Dataset<T> {
    return new Dataset(new Taken(this.#usable(), counted('take', count)));
  }

  /** All but the first so many elements; none for −1. */
  skip(count: number): Dataset<T> {
    return new Dataset(new Skipped(this.#usable(), counted('skip', count)));
  }

  /** These elements and those of another dataset in pairs `[a, b]`, until one ends. */
  zip<U>(other: Dataset<U>): Dataset<[T, U]> {
    return Dataset.zip([this as Dataset<T>, other]) as Dataset<[T, U]>;
  }

  /** Keeps the elements in memory when a pass went through all of them; later passes read them there. */
  cache(): Dataset<T> {
    return new Dataset(new Cached(this.#usable()));
  }

  /** Makes so many elements before they are asked for. */
  prefetch(bufferSize: number): Dataset<T> {
    return new Dataset(new Prefetched(this.#usable(), positiveInteger('prefetch', 'bufferSize', bufferSize)));
  }

  /** Begins a pass. Each pass of a reshuffled dataset has another order. */
  [Symbol.asyncIterator](): DatasetIterator<T> {
    const stage = this.#usable();
    return new DatasetIterator<T>(stage, this.#passes++, (pass) => {
      this.#passes = pass + 1;
    });
  }

  /** All elements of a pass. */
  async toArray(): Promise<T[]> {
    const elements: T[] = [];
    for await (const element of this) elements.push(element);
    return elements;
  }

  /** Lets go of what `cache` keeps. Passes under way go on; a new one is an error. */
  dispose(): void {
    this.#disposed = true;
    if (this.#stage instanceof Cached) this.#stage.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The number of elements. */
  toString(): string {
    const { cardinality } = this.#stage;
    return `Dataset of ${cardinality ?? 'unknown'} elements`;
  }
}

/** A number of elements or of passes; −1 stands for all. */
const counted = (where: string, count: unknown): number => {
  const number = whole(where, 'count', count, -1);
  return number === -1 ? Number.POSITIVE_INFINITY : number;
};
