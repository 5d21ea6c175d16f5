import { type Element, stacked } from './element.ts';
import { mixed } from './randomness.ts';
import { after, Cursor, Link, type Maybe, type Stage } from './stage.ts';

/** So many elements as one. */
export class Batched implements Stage {
  readonly #source: Stage;
  readonly #size: number;
  readonly #drop: boolean;

  constructor(source: Stage, size: number, drop: boolean) {
    this.#source = source;
    this.#size = size;
    this.#drop = drop;
  }

  get cardinality(): number | null {
    const { cardinality } = this.#source;
    if (cardinality === null) return null;
    return this.#drop ? Math.floor(cardinality / this.#size) : Math.ceil(cardinality / this.#size);
  }

  open(pass: number): Cursor {
    return new BatchedCursor(this.#source.open(pass), this.#size, this.#drop);
  }
}

class BatchedCursor extends Link {
  readonly #size: number;
  readonly #drop: boolean;

  constructor(source: Cursor, size: number, drop: boolean) {
    super(source);
    this.#size = size;
    this.#drop = drop;
  }

  override async next(): Promise<Element | null> {
    const elements: Element[] = [];
    while (elements.length < this.#size) {
      const next = this.source.next();
      // What is there already is not waited for: rows come by the thousand.
      const element = next instanceof Promise ? await next : next;
      if (element === null) break;
      elements.push(element);
    }
    if (elements.length === 0 || (this.#drop && elements.length < this.#size)) return null;
    return stacked(elements);
  }

  override skip(count: number): Promise<void> {
    return this.source.skip(count * this.#size);
  }
}

/** The elements several times over. */
export class Repeated implements Stage {
  readonly #source: Stage;
  readonly #times: number;

  constructor(source: Stage, times: number) {
    this.#source = source;
    this.#times = times;
  }

  get cardinality(): number | null {
    const { cardinality } = this.#source;
    if (this.#times === 0 || cardinality === 0) return 0;
    return cardinality === null ? null : cardinality * this.#times;
  }

  open(pass: number): Cursor {
    return new RepeatedCursor(this.#source, this.#times, pass);
  }
}

class RepeatedCursor extends Cursor {
  readonly #source: Stage;
  readonly #times: number;
  readonly #pass: number;
  #done = 0;
  #given = 0;
  #cursor: Cursor | null = null;

  constructor(source: Stage, times: number, pass: number) {
    super();
    this.#source = source;
    this.#times = times;
    this.#pass = pass;
  }

  #current(): Cursor {
    this.#cursor ??= this.#source.open(mixed(this.#pass, this.#done));
    return this.#cursor;
  }

  override async next(): Promise<Element | null> {
    while (this.#done < this.#times) {
      const element = await this.#current().next();
      if (element !== null) {
        this.#given++;
        return element;
      }
      // A source without elements would be begun anew forever.
      if (this.#given === 0) return null;
      this.#done++;
      this.#cursor = null;
    }
    return null;
  }

  override async skip(count: number): Promise<void> {
    const { cardinality } = this.#source;
    if (cardinality === null || cardinality === 0 || !Number.isFinite(cardinality)) return super.skip(count);
    const rounds = Math.floor(count / cardinality);
    this.#done = Math.min(this.#times, rounds);
    this.#given = count;
    if (this.#done < this.#times) await this.#current().skip(count - rounds * cardinality);
  }

  override close(): void {
    this.#cursor?.close();
  }
}

/** At most so many elements. */
export class Taken implements Stage {
  readonly #source: Stage;
  readonly #count: number;

  constructor(source: Stage, count: number) {
    this.#source = source;
    this.#count = count;
  }

  get cardinality(): number | null {
    const { cardinality } = this.#source;
    return cardinality === null ? null : Math.min(cardinality, this.#count);
  }

  open(pass: number): Cursor {
    return new TakenCursor(this.#source.open(pass), this.#count);
  }
}

class TakenCursor extends Link {
  #left: number;

  constructor(source: Cursor, count: number) {
    super(source);
    this.#left = count;
  }

  override next(): Maybe<Element | null> {
    if (this.#left <= 0) return null;
    this.#left--;
    return this.source.next();
  }

  override skip(count: number): Promise<void> {
    const skipped = Math.min(count, this.#left);
    this.#left -= skipped;
    return this.source.skip(skipped);
  }
}

/** All but the first elements. */
export class Skipped implements Stage {
  readonly #source: Stage;
  readonly #count: number;

  constructor(source: Stage, count: number) {
    this.#source = source;
    this.#count = count;
  }

  get cardinality(): number | null {
    const { cardinality } = this.#source;
    if (cardinality === null) return null;
    return this.#count === Number.POSITIVE_INFINITY ? 0 : Math.max(0, cardinality - this.#count);
  }

  open(pass: number): Cursor {
    return new SkippedCursor(this.#source, this.#count, pass);
  }
}

class SkippedCursor extends Cursor {
  readonly #cursor: Cursor | null;
  #before: number;

  constructor(source: Stage, count: number, pass: number) {
    super();
    this.#cursor = count === Number.POSITIVE_INFINITY ? null : source.open(pass);
    this.#before = count;
  }

  override next(): Maybe<Element | null> {
    const cursor = this.#cursor;
    if (cursor === null || this.#before === 0) return cursor?.next() ?? null;
    const before = this.#before;
    this.#before = 0;
    return cursor.skip(before).then(() => cursor.next());
  }

  override async skip(count: number): Promise<void> {
    this.#before += count;
  }

  override close(): void {
    this.#cursor?.close();
  }
}

/** The elements of several stages side by side, as long as each has one. */
export class Zipped implements Stage {
  readonly #stages: readonly Stage[];
  readonly #joined: (parts: readonly Element[]) => Element;

  /** @param joined nests the elements as the stages were */
  constructor(stages: readonly Stage[], joined: (parts: readonly Element[]) => Element) {
    this.#stages = stages;
    this.#joined = joined;
  }

  get cardinality(): number | null {
    const counts = this.#stages.map(({ cardinality }) => cardinality);
    return counts.includes(null) ? null : Math.min(...(counts as number[]));
  }

  open(pass: number): Cursor {
    return new ZippedCursor(
      this.#stages.map((stage) => stage.open(pass)),
      this.#joined,
    );
  }
}

class ZippedCursor extends Cursor {
  readonly #cursors: readonly Cursor[];
  readonly #joined: (parts: readonly Element[]) => Element;

  constructor(cursors: readonly Cursor[], joined: (parts: readonly Element[]) => Element) {
    super();
    this.#cursors = cursors;
    this.#joined = joined;
  }

  override next(): Maybe<Element | null> {
    const parts = this.#cursors.map((cursor) => cursor.next());
    const all = parts.some((part) => part instanceof Promise) ? Promise.all(parts) : (parts as (Element | null)[]);
    return after(all, (elements) => (elements.includes(null) ? null : this.#joined(elements as Element[])));
  }

  override async skip(count: number): Promise<void> {
    await Promise.all(this.#cursors.map((cursor) => cursor.skip(count)));
  }

  override close(): void {
    for (const cursor of this.#cursors) cursor.close();
  }
}
