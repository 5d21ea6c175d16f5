import { badArgument, FoveaError, shown } from '../../errors.ts';
import { flatten, type Nest } from '../../layers/nest.ts';
import { type Element, mapLeaves, Row, toElement } from './element.ts';
import { Cursor, type Maybe, type Stage } from './stage.ts';

/** The rows of tensors. */
export class Rows implements Stage {
  readonly cardinality: number;
  readonly #data: Nest;

  constructor(data: Nest) {
    const tensors = flatten(data);
    const counts = tensors.map((t) => {
      if (t.rank > 0) return t.dim(0);
      throw badArgument('fromTensors', `${t} has no first axis that could be cut into elements.`);
    });
    const odd = counts.findIndex((count) => count !== counts[0]);
    if (odd >= 0)
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `fromTensors: all tensors need as many rows; received ${tensors[0]} and ${tensors[odd]}.`,
        'fromTensors',
      );
    this.#data = data;
    this.cardinality = counts[0]!;
  }

  open(): Cursor {
    return new RowsCursor(this.#data, this.cardinality);
  }
}

class RowsCursor extends Cursor {
  readonly #data: Nest;
  readonly #count: number;
  #index = 0;

  constructor(data: Nest, count: number) {
    super();
    this.#data = data;
    this.#count = count;
  }

  override next(): Element | null {
    if (this.#index >= this.#count) return null;
    const index = this.#index++;
    return mapLeaves(this.#data as Element, (leaf) => new Row(leaf as Row['tensor'], index)) as Element;
  }

  override async skip(count: number): Promise<void> {
    this.#index += count;
  }
}

/** What a function makes for each pass: an iterable of elements. */
export type Generator = () => Maybe<Iterable<unknown> | AsyncIterable<unknown>>;

/** Elements that JavaScript makes. */
export class Generated implements Stage {
  readonly cardinality = null;
  readonly #make: Generator;

  constructor(make: Generator) {
    if (typeof make !== 'function')
      throw badArgument('fromGenerator', `needs a function that makes an iterable; received ${shown(make)}.`);
    this.#make = make;
  }

  open(): Cursor {
    return new GeneratedCursor(this.#make);
  }
}

class GeneratedCursor extends Cursor {
  readonly #make: Generator;
  #walk: Iterator<unknown> | AsyncIterator<unknown> | null = null;

  constructor(make: Generator) {
    super();
    this.#make = make;
  }

  override async next(): Promise<Element | null> {
    this.#walk ??= await this.#begin();
    const { done, value } = await this.#walk.next();
    return done ? null : toElement('fromGenerator', value);
  }

  async #begin(): Promise<Iterator<unknown> | AsyncIterator<unknown>> {
    const made: unknown = await this.#make();
    if (typeof made === 'object' && made !== null) {
      if (Symbol.asyncIterator in made) return (made as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      if (Symbol.iterator in made) return (made as Iterable<unknown>)[Symbol.iterator]();
    }
    throw badArgument('fromGenerator', `the function must give an iterable; it gave ${shown(made)}.`);
  }

  override close(): void {
    // A generator that waits for something forever would never return: nobody waits for it.
    Promise.resolve(this.#walk?.return?.()).catch(() => undefined);
  }
}
