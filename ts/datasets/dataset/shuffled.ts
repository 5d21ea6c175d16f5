import type { Element } from './element.ts';
import { below, type Key, words } from './randomness.ts';
import { type Cursor, Link, type Maybe, type Stage } from './stage.ts';

/** The elements in a random order: each is drawn from a buffer that the following ones fill up. */
export class Shuffled implements Stage {
  readonly #source: Stage;
  readonly #size: number;
  readonly #key: Key;
  readonly #anew: boolean;

  /** @param anew whether each pass has an order of its own */
  constructor(source: Stage, size: number, key: Key, anew: boolean) {
    this.#source = source;
    this.#size = size;
    this.#key = key;
    this.#anew = anew;
  }

  get cardinality(): number | null {
    return this.#source.cardinality;
  }

  open(pass: number): Cursor {
    return new ShuffledCursor(this.#source.open(pass), this.#size, words(this.#key, this.#anew ? pass + 1 : 0));
  }
}

class ShuffledCursor extends Link {
  readonly #size: number;
  readonly #word: () => number;
  readonly #buffer: Element[] = [];
  #ended = false;

  constructor(source: Cursor, size: number, word: () => number) {
    super(source);
    this.#size = size;
    this.#word = word;
  }

  override next(): Maybe<Element | null> {
    while (!this.#ended && this.#buffer.length < this.#size) {
      const next = this.source.next();
      if (next instanceof Promise) {
        return next.then((element) => {
          this.#take(element);
          return this.next();
        });
      }
      this.#take(next);
    }
    if (this.#buffer.length === 0) return null;
    const drawn = below(this.#word, this.#buffer.length);
    const element = this.#buffer[drawn]!;
    const last = this.#buffer.pop()!;
    if (drawn < this.#buffer.length) this.#buffer[drawn] = last;
    return element;
  }

  #take(element: Element | null): void {
    if (element === null) this.#ended = true;
    else this.#buffer.push(element);
  }
}
