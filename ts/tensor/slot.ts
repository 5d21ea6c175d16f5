import type { NativeVariable } from '../native.ts';
import type { Tensor } from './tensor.ts';

/**
 * Where a variable's value lives.
 *
 * A variable is read through a *read*, one tensor a version. The newest is `pending` as long as the
 * assignment that made it has not run; `settled` is the one whose value the slot holds. When the slot
 * is about to be written, a settled read that is still in use takes a snapshot with it.
 */
export class Slot {
  readonly type: number;
  /** The variable. */
  readonly owner: Tensor & { readonly path: string };
  /** The first value, until it is computed. */
  initial: Tensor | null;
  native: NativeVariable | null = null;
  pending: Tensor | null = null;
  /** How many native runs are under way that write it, each at moments of its own. */
  writers = 0;
  #settled: WeakRef<Tensor> | null = null;

  constructor(owner: Tensor & { readonly path: string }, initial: Tensor) {
    this.owner = owner;
    this.type = owner.type;
    this.initial = initial;
  }

  /** The read of what the slot holds now, if anybody still has it. */
  get settled(): Tensor | undefined {
    return this.#settled?.deref();
  }

  set settled(read: Tensor | undefined) {
    this.#settled = read ? new WeakRef(read) : null;
  }

  /** Whether the slot holds the value of `read`. */
  holds(read: Tensor): boolean {
    return this.native !== null && this.settled === read;
  }

  /** Before the slot is written: gives the settled read, if it is still in use, its own value. */
  retire(): void {
    const read = this.settled;
    if (read && this.native) read.buffer = this.native.snapshot();
    this.settled = undefined;
    versions.count++;
  }

  /** Lets go of the value; expressions that still need it keep a snapshot. */
  dispose(): void {
    this.retire();
    this.native?.dispose();
    this.native = this.initial = this.pending = null;
    pendingSlots.delete(this);
  }
}

/** Counts what changes which values the slots hold: a graph written before must be written again. */
export const versions = { count: 0 };

/** The slots with a pending assignment, in the order of their first one. */
export const pendingSlots = new Set<Slot>();
