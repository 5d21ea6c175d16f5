import type { Origin } from './origin.ts';
import type { Slot } from './slot.ts';
import type { Tensor } from './tensor.ts';

/** One application of an op, or a leaf. A plain object: V8 collects it. */
export interface Node {
  /** The op's name; of a leaf `data`, `number`, `placeholder` or `read`. */
  readonly name: string;
  /** The op's interned id, -1 for a leaf. */
  readonly op: number;
  readonly attributes: object;
  /** Emptied when the values are there and lead to nothing that can be differentiated. */
  inputs: readonly Tensor[];
  outputs: readonly Tensor[];
  readonly origin: Origin;
  /** Whether it was made while a function was traced. */
  readonly traced: boolean;
  /** Of a `read`, and of the cut behind an assignment: the variable's slot. */
  readonly slot: Slot | null;
  /** Nodes in the order they were made. */
  readonly serial: number;
  /** The last walk that met it, and the number of its first value there. */
  mark: number;
  index: number;
}

const nowhere: Origin = { path: '', line: '' };

let serials = 0;

export function nextSerial(): number {
  return ++serials;
}

/** The inputs of a node whose history was let go. */
export const released: readonly Tensor[] = [];

/** A node without inputs. */
export function leaf(name: string, attributes: object = {}, slot: Slot | null = null, traced = false): Node {
  const serial = nextSerial();
  return {
    name,
    op: -1,
    attributes,
    inputs: [],
    outputs: [],
    origin: nowhere,
    traced,
    slot,
    serial,
    mark: 0,
    index: 0,
  };
}

let marks = 0;

/** A mark that no node and no tensor carries yet. */
export function freshMark(): number {
  return ++marks;
}
