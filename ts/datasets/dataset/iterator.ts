import { badArgument, shown, whole } from '../../errors.ts';
import { isRecord } from '../../options.ts';
import { cutOut, mapLeaves } from './element.ts';
import type { Cursor, Stage } from './stage.ts';

/** Where a pass over a dataset stands: plain data, to be kept with a checkpoint. */
export interface DatasetState {
  /** The number of the pass, from 0. */
  pass: number;
  /** How many elements it gave. */
  position: number;
}

/** One pass over a dataset. It can say where it stands, and be brought there again, in another process too. */
export class DatasetIterator<T> implements AsyncIterableIterator<T> {
  readonly #stage: Stage;
  readonly #began: (pass: number) => void;
  #pass: number;
  #position = 0;
  #cursor: Cursor | null = null;
  #ended = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(stage: Stage, pass: number, began: (pass: number) => void) {
    this.#stage = stage;
    this.#pass = pass;
    this.#began = began;
  }

  /** The next element. */
  next(): Promise<IteratorResult<T, undefined>> {
    const result = this.#last.then(() => this.#step());
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #step(): Promise<IteratorResult<T, undefined>> {
    if (this.#ended) return { done: true, value: undefined };
    if (this.#cursor === null) {
      this.#cursor = this.#stage.open(this.#pass);
      if (this.#position > 0) await this.#cursor.skip(this.#position);
    }
    const element = await this.#cursor.next();
    if (element === null) {
      this.#ended = true;
      return { done: true, value: undefined };
    }
    this.#position++;
    return { done: false, value: mapLeaves(element, cutOut) as T };
  }

  /** Ends the pass early. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#ended = true;
    this.#cursor?.close();
    this.#cursor = null;
    return { done: true, value: undefined };
  }

  /** Where it stands. */
  state(): DatasetState {
    return { pass: this.#pass, position: this.#position };
  }

  /**
   * Goes to where another iterator of an equal dataset stood: what comes next is what would have come next there. Passes
   * that begin afterwards are those that would have followed.
   *
   * @throws FoveaError `BAD_ARGUMENT` for anything but what `state` gave
   */
  restore(state: DatasetState): this {
    if (!isRecord(state)) throw badArgument('restore', `expected what state() gave; received ${shown(state)}.`);
    this.#pass = whole('restore', 'pass', state.pass, 0, Number.MAX_SAFE_INTEGER);
    this.#position = whole('restore', 'position', state.position, 0, Number.MAX_SAFE_INTEGER);
    this.#cursor?.close();
    this.#cursor = null;
    this.#ended = false;
    this.#began(this.#pass);
    return this;
  }

  /** Itself: it can be walked with `for await`. */
  [Symbol.asyncIterator](): this {
    return this;
  }
}
