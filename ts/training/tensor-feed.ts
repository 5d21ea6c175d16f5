import { badArgument } from '../errors.ts';
import { flatten, mapNest } from '../layers/nest.ts';
import { native } from '../native.ts';
import { gather } from '../ops/index.ts';
import { placeholder } from '../symbolic.ts';
import { bufferOf } from '../tensor/values.ts';
import { tensor } from '../tensor.ts';
import { type Batch, count } from './batch.ts';
import type { Change, Compile, Feed, Opened, OpenOptions } from './feed.ts';
import { checkedBatch } from './finite.ts';
import { IterableFeed } from './iterable-feed.ts';

/** Samples in memory, a batch at a time: gathered by native code. */
export class TensorFeed implements Feed {
  readonly steps: number;
  readonly #where: string;
  readonly #batch: Batch;
  readonly #begin: number;
  readonly #end: number;
  readonly #size: number;
  /** Whether all rows are read. */
  readonly #all: boolean;
  #ready: Promise<void> | null = null;
  /** Where the next epoch begins, if the last one did not take all batches, and in which order. */
  #next = 0;
  #order: Uint32Array | undefined;

  /** @param rows which samples; all if left out */
  constructor(where: string, batch: Batch, batchSize: number, rows?: readonly [begin: number, end: number]) {
    const [begin, end] = rows ?? [0, count(where, batch)];
    this.#where = where;
    this.#batch = batch;
    this.#begin = begin;
    this.#end = end;
    this.#size = Math.min(batchSize, end - begin);
    this.#all = rows === undefined;
    this.steps = Math.ceil((end - begin) / this.#size);
  }

  /** The first samples, and the last ones as a feed of their own, in batches of another size. */
  split(share: number, batchSize: number): [TensorFeed, TensorFeed] {
    const samples = this.#end - this.#begin;
    const cut = Math.floor(samples * (1 - share));
    if (cut < 1 || cut >= samples)
      throw badArgument(this.#where, `validationSplit ${share} of ${samples} samples leaves nothing on one side.`);
    const part = (begin: number, end: number, size: number) =>
      new TensorFeed(this.#where, this.#batch, size, [this.#begin + begin, this.#begin + end]);
    return [part(0, cut, this.#size), part(cut, samples, batchSize)];
  }

  /** The same samples, changed. */
  changed(change: Change): TensorFeed {
    return new TensorFeed(this.#where, change(this.#batch), this.#size, [this.#begin, this.#end]);
  }

  restart(): void {
    this.#next = 0;
  }

  #like(rows: number): Batch {
    return mapNest(this.#batch, ({ shape, dtype }) => placeholder([rows, ...shape.slice(1)], dtype)) as Batch;
  }

  async first(): Promise<Batch> {
    return this.#like(this.#size);
  }

  whole(): Batch | null {
    return this.#all && this.steps === 1 ? this.#batch : null;
  }

  #prepare(): Promise<void> {
    this.#ready ??= checkedBatch(this.#where, this.#batch);
    return this.#ready;
  }

  async open(compile: Compile, options: OpenOptions): Promise<Opened> {
    const { shuffle, steps } = options;
    if (steps !== null && steps > this.steps)
      throw badArgument(
        this.#where,
        `the data has ${this.steps} batches of ${this.#size}; ${steps} steps for an epoch were asked for.`,
      );
    await this.#prepare();
    if (options.goesOn && (this.#next > 0 || (steps !== null && steps < this.steps))) {
      const left = Math.min(steps ?? this.steps, this.steps - this.#next);
      const some = new IterableFeed(this.#where, this.batches(options), (batch) => batch);
      return some.open(compile, { steps: left });
    }
    const full = await compile(this.#like(this.#size));
    const rest = (this.#end - this.#begin) % this.#size;
    const tail = rest > 0 ? await compile(this.#like(rest)) : null;
    const source = native().NativeSource.tensors({
      data: flatten(this.#batch).map(bufferOf),
      begin: this.#begin,
      end: this.#end,
      batchSize: this.#size,
      ...(shuffle && { shuffle }),
      plan: full.fn.plan,
      operands: full.fn.operands,
      ...(tail && { tailPlan: tail.fn.plan, tailOperands: tail.fn.operands }),
    });
    const used = tail === null ? [full] : [full, tail];
    return { source, step: full, steps: used, close: () => {}, done: Promise.resolve() };
  }

  async *batches({ shuffle, steps, goesOn }: OpenOptions): AsyncGenerator<Batch> {
    await this.#prepare();
    const samples = this.#end - this.#begin;
    if (!goesOn) this.#next = 0;
    if (this.#next === 0) this.#order = shuffle && native().permutation(samples, ...shuffle);
    const order = this.#order;
    const first = this.#next;
    const last = Math.min(this.steps, first + (steps ?? this.steps));
    this.#next = last < this.steps ? last : 0;
    for (let step = first; step < last; step++) {
      const begin = step * this.#size;
      const rows = Int32Array.from({ length: Math.min(this.#size, samples - begin) }, (_, i) => {
        return this.#begin + (order ? order[begin + i]! : begin + i);
      });
      const batch = mapNest(this.#batch, (t) => gather(t, tensor(rows))) as Batch;
      await checkedBatch(this.#where, batch);
      yield batch;
    }
  }

  async end(): Promise<void> {}
}
