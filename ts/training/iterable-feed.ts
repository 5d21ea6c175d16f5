import { badArgument, shown } from '../errors.ts';
import { flatten } from '../layers/nest.ts';
import { native } from '../native.ts';
import { bufferOf } from '../tensor/values.ts';
import { type Batch, type Batches, isBatches, toBatch } from './batch.ts';
import type { Change, Compile, Feed, Opened, OpenOptions } from './feed.ts';
import { checkedBatch } from './finite.ts';

type Walk = Iterator<unknown> | AsyncIterator<unknown>;

/** Batches that JavaScript makes. */
export class IterableFeed implements Feed {
  readonly steps: number | null;
  readonly #where: string;
  readonly #make: () => Batches | Promise<Batches>;
  readonly #change: Change;
  /** Goes on from epoch to epoch where an epoch takes so many steps. */
  #walk: Walk | null = null;
  /** The batch that was read to see what batches look like. */
  #peeked: Batch | null = null;

  /** @param data batches, or what makes them for each epoch */
  constructor(where: string, data: Batches | (() => Batches | Promise<Batches>), change: Change) {
    this.#where = where;
    this.#make = typeof data === 'function' ? data : () => data;
    this.#change = change;
    this.steps = Array.isArray(data) ? data.length : null;
  }

  async first(): Promise<Batch> {
    this.#walk ??= await this.#begin();
    this.#peeked ??= await this.#next();
    if (this.#peeked === null) throw this.#dry(1, 0);
    return this.#peeked;
  }

  async #begin(): Promise<Walk> {
    const data = await this.#make();
    if (!isBatches(data))
      throw badArgument(this.#where, `the function must give an iterable of batches; it gave ${shown(data)}.`);
    return Symbol.asyncIterator in data ? data[Symbol.asyncIterator]() : data[Symbol.iterator]();
  }

  async #next(): Promise<Batch | null> {
    const { done, value } = await this.#walk!.next();
    if (done) {
      this.#walk = null;
      return null;
    }
    const batch = this.#change(toBatch(this.#where, value));
    await checkedBatch(this.#where, batch);
    return batch;
  }

  #dry(wanted: number, received: number) {
    return badArgument(
      this.#where,
      `the data ran dry: ${wanted} steps were to come, ${received} came. ` +
        'Pass a function that makes the iterable, so that each epoch begins anew.',
    );
  }

  async *batches({ steps }: OpenOptions): AsyncGenerator<Batch> {
    let count = 0;
    for (; steps === null || count < steps; count++) {
      let batch = this.#peeked;
      this.#peeked = null;
      if (batch === null) {
        // A new epoch begins the data anew, unless the last one left some.
        if (this.#walk === null && count > 0) break;
        this.#walk ??= await this.#begin();
        batch = await this.#next();
      }
      if (batch === null) break;
      yield batch;
    }
    if (count === 0 || (steps !== null && count < steps)) throw this.#dry(steps ?? 1, count);
  }

  async open(compile: Compile, options: OpenOptions): Promise<Opened> {
    const step = await compile(await this.first());
    const source = native().NativeSource.queue();
    const arrivals = new Arrivals();
    let closed = false;
    const produce = async () => {
      try {
        for await (const batch of this.batches(options)) {
          if (closed) return;
          const { plan, operands } = (await compile(batch)).fn;
          const room = source.push(plan, [...flatten(batch).map(bufferOf), ...operands]);
          arrivals.add();
          if (!(await room)) return;
        }
      } finally {
        arrivals.end();
        source.end();
      }
    };
    const done = produce();
    // Whoever opened it hears of the error when it awaits `done`.
    done.catch(() => undefined);
    const close = () => {
      closed = true;
      source.end();
    };
    return { source, step, steps: [step], close, done, comes: (index) => arrivals.comes(index) };
  }

  async end(): Promise<void> {
    // A generator that waits for something forever would never return: nobody waits for it.
    Promise.resolve(this.#walk?.return?.()).catch(() => undefined);
    this.#walk = null;
  }
}

/** Tells whether a batch will come, as soon as that is known. */
class Arrivals {
  #count = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  add(): void {
    this.#count++;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async comes(index: number): Promise<boolean> {
    while (this.#count <= index && !this.#ended) await new Promise<void>((wake) => this.#waiting.push(wake));
    return this.#count > index;
  }
}
