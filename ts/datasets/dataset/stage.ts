import type { Element } from './element.ts';

/** Something at once, or later. */
export type Maybe<T> = T | Promise<T>;

/** One pass over elements. */
export abstract class Cursor {
  /** The next element; `null` after the last. */
  abstract next(): Maybe<Element | null>;

  /** Leaves so many elements out, if there are so many. */
  async skip(count: number): Promise<void> {
    for (let i = 0; i < count; i++) if ((await this.next()) === null) return;
  }

  /** Ends the pass early. */
  close(): void {}
}

/** A step of a pipeline: what passes over its elements. */
export interface Stage {
  /** How many elements there are; `Infinity` without an end, `null` if nobody knows. */
  readonly cardinality: number | null;
  /** Begins a pass. Passes of one number give the same elements in the same order. */
  open(pass: number): Cursor;
}

/** A cursor between another and whoever asks. */
export abstract class Link extends Cursor {
  protected readonly source: Cursor;

  constructor(source: Cursor) {
    super();
    this.source = source;
  }

  override close(): void {
    this.source.close();
  }
}

/** A function of a value that is there, or will be. */
export const after = <T, U>(value: Maybe<T>, fn: (value: T) => Maybe<U>): Maybe<U> =>
  value instanceof Promise ? value.then(fn) : fn(value);
