import { wrapNative } from '../../errors.ts';
import { flatten, mapNest, type Nest } from '../../layers/nest.ts';
import { gather } from '../../ops/index.ts';
import { withKey } from '../../random/seed.ts';
import { placeholder } from '../../symbolic.ts';
import { fromBuffer } from '../../tensor/from.ts';
import { realise } from '../../tensor/realise.ts';
import { runSoon } from '../../tensor/soon.ts';
import { bufferOf } from '../../tensor/values.ts';
import { type DType, type Shape, type Tensor, tensor } from '../../tensor.ts';
import { type CompiledFunction, compileFunction, Trace } from '../../trace.ts';
import { cutOut, type Element, leavesOf, mapLeaves, Row, toElement } from './element.ts';
import { type Key, mixed } from './randomness.ts';
import { type Cursor, Link, type Stage } from './stage.ts';

/** A function of an element. */
export type MapFunction = (element: Nest) => unknown;

interface Compiled {
  readonly fn: CompiledFunction;
  /** What the function gave, with a symbolic tensor for each of the plan's outputs. */
  readonly structure: Nest;
}

/** What a function makes of each element. */
export class Mapped implements Stage {
  readonly #source: Stage;
  readonly #fn: MapFunction;
  readonly #eager: boolean;
  readonly #key: Key;
  readonly #compiled = new Map<string, Promise<Compiled>>();

  constructor(source: Stage, fn: MapFunction, eager: boolean, key: Key) {
    this.#source = source;
    this.#fn = fn;
    this.#eager = eager;
    this.#key = key;
  }

  get cardinality(): number | null {
    return this.#source.cardinality;
  }

  open(pass: number): Cursor {
    return new MappedCursor(this.#source.open(pass), (element, index) => {
      // What is random in the function follows from the element's number: no order of work can change it.
      const key = tensor(Uint32Array.of(mixed(this.#key[0], pass, index), mixed(this.#key[1], index, pass)));
      return this.#eager ? this.#direct(element, key) : this.#run(element, key);
    });
  }

  async #direct(element: Element, key: Tensor): Promise<Element> {
    const given = mapLeaves(element, cutOut) as Nest;
    await realise(flatten(given));
    return withKey(key, () => toElement('map', this.#fn(given)) as Element);
  }

  async #run(element: Element, key: Tensor): Promise<Element> {
    const { fn, structure } = await this.#compile(element);
    const whole = leavesOf(element).map((leaf) => (leaf instanceof Row ? leaf.tensor : leaf));
    await realise([...whole, key]);
    const fed = leavesOf(element).flatMap((leaf) =>
      leaf instanceof Row ? [bufferOf(leaf.tensor), leaf.index] : [bufferOf(leaf)],
    );
    try {
      await fn.ready();
      const buffers = await runSoon(fn.plan, [...fed, bufferOf(key), ...fn.operands]);
      let next = 0;
      return mapNest(structure, () => fromBuffer(buffers[next++]!)) as Element;
    } catch (error) {
      throw wrapNative(error, fn, 'map');
    }
  }

  /** The function compiled for elements like one. */
  #compile(element: Element): Promise<Compiled> {
    const types = mapLeaves(element, (leaf) => (leaf instanceof Row ? `row of ${leaf.tensor.type}` : leaf.type));
    const name = JSON.stringify(types);
    let compiled = this.#compiled.get(name);
    if (compiled === undefined) {
      compiled = this.#trace(element);
      this.#compiled.set(name, compiled);
      compiled.catch(() => this.#compiled.delete(name));
    }
    return compiled;
  }

  async #trace(element: Element): Promise<Compiled> {
    const inputs: Tensor[] = [];
    const input = (shape: Shape, dtype: DType) => {
      inputs.push(placeholder(shape, dtype, 'element'));
      return inputs.at(-1)!;
    };
    const key = placeholder([2], 'uint32', 'key');
    const { result, assigned } = Trace.run(() => {
      const given = mapLeaves(element, (leaf) => {
        if (!(leaf instanceof Row)) return input(leaf.shape, leaf.dtype);
        return gather(input(leaf.tensor.shape, leaf.tensor.dtype), input([], 'int32'));
      });
      return withKey(key, () => toElement('map', this.#fn(given as Nest)));
    });
    const fn = await compileFunction({ inputs: [...inputs, key], outputs: flatten(result), assigned });
    return { fn, structure: result };
  }
}

class MappedCursor extends Link {
  readonly #fn: (element: Element, index: number) => Promise<Element>;
  #index = 0;

  constructor(source: Cursor, fn: (element: Element, index: number) => Promise<Element>) {
    super(source);
    this.#fn = fn;
  }

  override async next(): Promise<Element | null> {
    const element = await this.source.next();
    return element === null ? null : this.#fn(element, this.#index++);
  }

  override skip(count: number): Promise<void> {
    this.#index += count;
    return this.source.skip(count);
  }
}
