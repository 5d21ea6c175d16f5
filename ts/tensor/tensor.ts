import { inspect } from 'node:util';
import { badArgument, FoveaError } from '../errors.ts';
import type { DType } from '../generated/dtypes.ts';
import type { NativeBuffer } from '../native.ts';
import type { TensorMethods } from '../ops/methods.ts';
import { checkNotTraced, currentTrace } from './context.ts';
import { arrived } from './device.ts';
import { formatTensor } from './format.ts';
import type { Node } from './node.ts';
import { type Data, nested, toData } from './read.ts';
import { realise, realiseSync } from './realise.ts';
import { describe, type Shape, showType } from './types.ts';
import { bufferOf } from './values.ts';

export interface Tensor extends TensorMethods {}

/**
 * An immutable, lazy array of numbers: an expression until it is read, values from then on.
 * Make one with `tensor`, `zeros`, … and with the methods of others.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are made from the ops, see ops/methods.ts
export class Tensor {
  /** @internal The op that makes it, or a leaf. */
  readonly node: Node;
  /** @internal Which output of the node it is. */
  readonly output: number;
  /** @internal The interned type. */
  readonly type: number;
  /** @internal Its values, once they are there. */
  buffer: NativeBuffer | null = null;
  /** @internal The value of a `number` leaf. */
  number: number | null = null;
  /** @internal Whether it depends on a placeholder: it has no values of its own. */
  readonly symbolic: boolean;
  /** @internal Whether it leads to a variable or a placeholder, so that its history is kept. */
  readonly tracked: boolean;
  /** @internal Unrealised nodes on the longest way to a leaf. */
  depth = 0;
  /** @internal Whether something was computed from it. */
  used = false;
  /** @internal */
  disposed = false;
  /** @internal The last walk that met it as a leaf, and its number there. */
  mark = 0;
  /** @internal */
  index = 0;

  /** @internal Use `tensor`, `zeros`, `ops`, … */
  constructor(node: Node, output: number, type: number, symbolic = false, tracked = false) {
    this.node = node;
    this.output = output;
    this.type = type;
    this.symbolic = symbolic;
    this.tracked = tracked;
  }

  /** The sides, outermost first; `null` where one is unknown. */
  get shape(): Shape {
    return describe(this.type).shape;
  }

  /** The element type. */
  get dtype(): DType {
    return describe(this.type).dtype;
  }

  /** How many axes it has. */
  get rank(): number {
    return this.shape.length;
  }

  /**
   * How many elements it has.
   *
   * @throws FoveaError `SHAPE_MISMATCH` if a side is unknown
   */
  get size(): number {
    return this.shape.reduce<number>((n, _, i) => n * this.dim(i), 1);
  }

  /**
   * The side along an axis; negative axes count from the end.
   *
   * @throws FoveaError `SHAPE_MISMATCH` if it is unknown; `BAD_ARGUMENT` if there is no such axis
   */
  dim(axis: number): number {
    const { shape } = this;
    const side = Number.isInteger(axis) ? shape[axis < 0 ? axis + shape.length : axis] : undefined;
    if (typeof side === 'number') return side;
    if (side === undefined) throw badArgument('dim', `axis ${String(axis)} is none of ${this}.`);
    throw new FoveaError('SHAPE_MISMATCH', `Axis ${axis} of ${this} is unknown while the model is built.`, 'dim');
  }

  /**
   * Computes and copies the elements, row by row. int64 comes as float64 numbers and throws where one
   * is not exact; `data('int64')` gives a BigInt64Array.
   */
  data(): Promise<Data>;
  data(as: 'int64'): Promise<BigInt64Array>;
  data(as?: 'int64'): Promise<Data | BigInt64Array> {
    checkNotTraced();
    return this.#read(as);
  }

  async #read(as?: 'int64'): Promise<Data | BigInt64Array> {
    const source = this.source();
    await realise([source]);
    await arrived(bufferOf(source));
    return toData(source, as);
  }

  /** As `data`, but holds JavaScript up until the values are there: for where there is no other way. */
  dataSync(): Data;
  dataSync(as: 'int64'): BigInt64Array;
  dataSync(as?: 'int64'): Data | BigInt64Array {
    const source = this.source();
    realiseSync([source]);
    return toData(source, as);
  }

  /** Computes the elements as nested arrays (a number for rank 0, booleans for bool). */
  // biome-ignore lint/suspicious/noExplicitAny: the depth of the nesting is the caller's knowledge
  array<T = any>(): Promise<T> {
    return this.data().then((data) => nested(data, this) as T);
  }

  /**
   * Computes the only element.
   *
   * @throws FoveaError `BAD_ARGUMENT` if there are more
   */
  item(): Promise<number> {
    return this.data().then((data) => {
      if (data.length === 1) return data[0]!;
      throw badArgument('item', `expected a tensor with one element; received ${this}.`);
    });
  }

  /** @internal The tensor that stands for this one in expressions. Throws after `dispose`. */
  source(): Tensor {
    if (this.disposed) throw new FoveaError('DISPOSED', `${this} was disposed and cannot be used any more.`);
    return this;
  }

  /** @internal What an op reads of it. */
  operand(): Tensor {
    return this.source();
  }

  /** Prints the values; the type, if it is symbolic. */
  print(): void {
    console.log(inspect(this));
  }

  /** Its type; never computes. */
  toString(): string {
    return `Tensor ${showType(this)}`;
  }

  /**
   * Gives the memory back before the garbage collector would. The tensor cannot be used any more;
   * expressions made from it before still can.
   */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (this.used || !this.buffer) return;
    this.buffer.dispose();
    this.buffer = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Throws: a lazy tensor has no value that JSON could hold. */
  toJSON(): never {
    throw badArgument('toJSON', `${this} cannot be written as JSON: use \`await t.array()\`.`);
  }

  /** @internal Throws for anything but a string: a lazy tensor is no number. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw badArgument(
      'Tensor',
      `${this} is no JavaScript number: use \`await t.item()\`, t.add(u) instead of t + u, and \`await t.equals(u)\` instead of t == u.`,
    );
  }

  [inspect.custom](): string {
    if (this.disposed) return `${this} (disposed)`;
    if (this.symbolic || currentTrace()) return this.toString();
    try {
      return formatTensor(this, this.dataSync());
    } catch (error) {
      return `${this} (${error instanceof Error ? error.message : String(error)})`;
    }
  }
}
