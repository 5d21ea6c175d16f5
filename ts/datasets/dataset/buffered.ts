import { realise } from '../../tensor/realise.ts';
import { Tensor } from '../../tensor.ts';
import { type Element, leavesOf } from './element.ts';
import { Cursor, Link, type Maybe, type Stage } from './stage.ts';

/** Elements that are kept in memory after the first whole pass. */
export class Cached implements Stage {
  readonly #source: Stage;
  #elements: Element[] | null = null;

  constructor(source: Stage) {
    this.#source = source;
  }

  get cardinality(): number | null {
    return this.#elements?.length ?? this.#source.cardinality;
  }

  open(pass: number): Cursor {
    if (this.#elements !== null) return new KeptCursor(this.#elements);
    return new CachingCursor(this.#source.open(pass), (elements) => {
      this.#elements ??= elements;
    });
  }

  /** Lets go of what is kept. */
  clear(): void {
    this.#elements = null;
  }
}

class CachingCursor extends Link {
  readonly #keep: (elements: Element[]) => void;
  readonly #elements: Element[] = [];

  constructor(source: Cursor, keep: (elements: Element[]) => void) {
    super(source);
    this.#keep = keep;
  }

  override async next(): Promise<Element | null> {
    const element = await this.source.next();
    if (element === null) this.#keep(this.#elements);
    else {
      await realise(leavesOf(element).filter((leaf) => leaf instanceof Tensor));
      this.#elements.push(element);
    }
    return element;
  }
}

class KeptCursor extends Cursor {
  readonly #elements: readonly Element[];
  #index = 0;

  constructor(elements: readonly Element[]) {
    super();
    this.#elements = elements;
  }

  override next(): Element | null {
    return this.#elements[this.#index++] ?? null;
  }

  override async skip(count: number): Promise<void> {
    this.#index += count;
  }
}

/** Elements that are made before somebody asks for them. */
export class Prefetched implements Stage {
  readonly #source: Stage;
  readonly #size: number;

  constructor(source: Stage, size: number) {
    this.#source = source;
    this.#size = size;
  }

  get cardinality(): number | null {
    return this.#source.cardinality;
  }

  open(pass: number): Cursor {
    return new PrefetchedCursor(this.#source.open(pass), this.#size);
  }
}

class PrefetchedCursor extends Link {
  readonly #size: number;
  readonly #coming: Promise<Element | null>[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(source: Cursor, size: number) {
    super(source);
    this.#size = size;
  }

  override next(): Maybe<Element | null> {
    this.#fill(1);
    const next = this.#coming.shift()!;
    this.#fill(this.#size);
    return next;
  }

  /** Asks for elements until so many are on their way, one after the other. */
  #fill(count: number): void {
    while (this.#coming.length < count) {
      const element = this.#last.then(() => (this.#closed ? null : this.#whole()));
      // Whoever asks for the element hears of the error.
      this.#last = element.catch(() => undefined);
      this.#coming.push(element);
    }
  }

  async #whole(): Promise<Element | null> {
    const element = await this.source.next();
    if (element === null) this.#closed = true;
    else await realise(leavesOf(element).filter((leaf) => leaf instanceof Tensor));
    return element;
  }

  override async skip(count: number): Promise<void> {
    return this.#coming.length > 0 ? super.skip(count) : this.source.skip(count);
  }

  override close(): void {
    this.#closed = true;
    super.close();
  }
}
