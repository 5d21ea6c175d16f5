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
  /** What the walk goes through. */
  #data: unknown = null;
  /** The batch that was read to see what batches look like. */
  #peeked: Batch | null = null;

  /** @param data batches, or what makes them for each epoch */
  constructor(where: string, data: Batches | (() => Batches | Promise<Batches>), change: Change) {
    this.#where = where;
    this.#make = typeof data === 'function' ? data : () => data;
    this.#change = change;
    this.steps = known(data);
  }

  async first(): Promise<Batch> {
    this.#walk ??= await this.#begin();
    this.#peeked ??= await this.#next();
    if (this.#peeked === null) throw this.#dry(1, 0);
    return this.#peeked;
  }

  restart(): void {
    // An iterator that is its own iterable cannot begin anew.
    if (this.#walk === null || this.#walk === this.#data) return;
    this.#walk = this.#peeked = null;
  }

  whole(): null {
    return null;
  }

  async #begin(): Promise<Walk> {
    const data = await this.#make();
    this.#data = data;
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
    this.#checkEnd(steps);
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

  #checkEnd(steps: number | null): void {
    if (steps === null && this.steps === Number.POSITIVE_INFINITY)
      throw badArgument(this.#where, 'the data never end: say how many steps to take (stepsPerEpoch, or steps).');
  }

  async open(compile: Compile, options: OpenOptions): Promise<Opened> {
    this.#checkEnd(options.steps);
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

/** How many batches there are, as far as the data say; a dataset does. */
function known(data: unknown): number | null {
  if (Array.isArray(data)) return data.length;
  const { cardinality } = data as { cardinality?: unknown };
  return typeof cardinality === 'function' ? (cardinality.call(data) as number | null) : null;
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
