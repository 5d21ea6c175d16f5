import { badArgument, FoveaError, shown } from '../../errors.ts';
import type { Nest } from '../../layers/nest.ts';
import { gather, stack } from '../../ops/index.ts';
import { isRecord } from '../../options.ts';
import { type Nested, Tensor, type TypedArray, tensor } from '../../tensor.ts';

/** A row of a tensor, not yet cut out of it: rows that meet again in a batch are gathered at once. */
export class Row {
  readonly tensor: Tensor;
  readonly index: number;

  constructor(of: Tensor, index: number) {
    this.tensor = of;
    this.index = index;
  }
}

/** A part of an element. */
export type Leaf = Tensor | Row;

/** What goes through a pipeline: leaves in arrays and records. */
export type Element = Leaf | readonly Element[] | { readonly [name: string]: Element };

/** Data as elements are made of: tensors, what becomes one, and arrays and records of them. */
export type ElementLike =
  | Tensor
  | Nested
  | TypedArray
  | readonly ElementLike[]
  | { readonly [name: string]: ElementLike };

/** The tensors that data become. */
export type Tensors<T> = T extends Tensor | TypedArray | number | boolean
  ? Tensor
  : T extends readonly (number | boolean)[] | readonly (readonly (number | boolean)[])[]
    ? Tensor
    : T extends object
      ? { -readonly [K in keyof T]: Tensors<T[K]> }
      : Tensor;

const isPart = (value: unknown): boolean =>
  value instanceof Tensor ||
  ArrayBuffer.isView(value) ||
  isRecord(value) ||
  (Array.isArray(value) && value.some(isPart));

/** Data as an element of tensors. Arrays of numbers are tensors; arrays of tensors and records are kept. */
export function toElement(where: string, value: unknown): Nest {
  if (value instanceof Tensor) return value.source();
  if (ArrayBuffer.isView(value)) return tensor(value as TypedArray);
  if (typeof value === 'number' || typeof value === 'boolean') return tensor(value);
  if (Array.isArray(value) && value.length > 0)
    return value.some(isPart) ? value.map((part) => toElement(where, part)) : tensor(value as Nested);
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toElement(where, part)]));
  throw badArgument(where, `elements must be tensors, arrays, or records of them; received ${shown(value)}.`);
}

const isLeaf = (value: unknown): value is Leaf => value instanceof Tensor || value instanceof Row;

/** The leaves of an element, depth first. */
export function leavesOf(element: Element): Leaf[] {
  if (isLeaf(element)) return [element];
  return Object.values(element).flatMap(leavesOf);
}

/** The same element with each leaf replaced; `change` hears the leaves' numbers. */
export function mapLeaves<T>(element: Element, change: (leaf: Leaf, index: number) => T): unknown {
  let index = 0;
  const visit = (part: Element): unknown => {
    if (isLeaf(part)) return change(part, index++);
    if (Array.isArray(part)) return part.map(visit);
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, visit(inner)]));
  };
  return visit(element);
}

/** A leaf as a tensor. */
export const cutOut = (leaf: Leaf): Tensor => (leaf instanceof Row ? gather(leaf.tensor, leaf.index) : leaf);

/** Elements as one, its leaves stacked along a new first axis. */
export function stacked(elements: readonly Element[]): Element {
  const columns = elements.map(leavesOf);
  const first = columns[0]!;
  for (const [i, leaves] of columns.entries()) {
    if (leaves.length === first.length) continue;
    throw badArgument('batch', `element ${i} has ${leaves.length} tensors, the first has ${first.length}.`);
  }
  return mapLeaves(elements[0]!, (_, at) => column(columns.map((leaves) => leaves[at]!))) as Element;
}

function column(leaves: readonly Leaf[]): Tensor {
  const [first] = leaves;
  if (first instanceof Row && leaves.every((leaf) => leaf instanceof Row && leaf.tensor === first.tensor))
    return gather(first.tensor, tensor(Int32Array.from(leaves as readonly Row[], ({ index }) => index)));
  const tensors = leaves.map(cutOut);
  const odd = tensors.find(({ type }) => type !== tensors[0]!.type);
  if (odd !== undefined)
    throw new FoveaError(
      'SHAPE_MISMATCH',
      `batch: its elements must be of one shape and dtype; received ${tensors[0]} and ${odd}.`,
      'batch',
    );
  return stack(tensors);
}
