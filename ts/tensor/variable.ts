import { badArgument, FoveaError, shown } from '../errors.ts';
import { calling, type NativeVariable } from '../native.ts';
import { applied, apply } from '../ops/apply.ts';
import { currentAutocast, currentTrace, within } from './context.ts';
import { scalar } from './from.ts';
import { leaf, type Node } from './node.ts';
import { flushSync, longestChain } from './realise.ts';
import { pendingSlots, Slot } from './slot.ts';
import { Tensor } from './tensor.ts';
import { checkDType, checkShape, type DType, describe, isFloat, showType } from './types.ts';

/** How to make a {@link Variable}. */
export interface VariableOptions {
  /** The first value; a function is called outside any trace. Computed when it is first needed. */
  initial: Tensor | (() => Tensor);
  /** Automatic if left out: `variable_0`, …. */
  name?: string | undefined;
  /** Whether training may change it, `true` if left out. */
  trainable?: boolean | undefined;
  /** Casts the first value. */
  dtype?: DType | undefined;
  /** Whether layers of mixed precision read it in the dtype they compute in, `true` if left out. */
  autocast?: boolean | undefined;
}

let created = 0;

/**
 * A tensor whose value can be assigned. Reading it captures its value of that moment.
 */
export class Variable extends Tensor {
  /** Its own name, `kernel`. */
  name: string;
  /** The name with those of the layers around it, `dense/kernel`. */
  path: string;
  /** Whether training may change it. */
  trainable: boolean;
  /** What an optimizer makes of the value after each update; `null` for nothing. */
  constraint: ((value: Tensor) => Tensor) | null = null;
  /** Whether layers of mixed precision read it in the dtype they compute in. */
  readonly autocast: boolean;
  /** @internal */
  readonly slot: Slot;

  constructor(options: VariableOptions) {
    const { initial, name = `variable_${created++}`, trainable = true, dtype, autocast = true } = options;
    let first = typeof initial === 'function' ? within(null, initial) : initial;
    if (!(first instanceof Tensor))
      throw badArgument('Variable', `initial must be a Tensor or a function that gives one; received ${shown(first)}.`);
    if (dtype !== undefined && checkDType('Variable', dtype) !== first.dtype) {
      const value = first;
      first = within(null, () => value.cast(dtype));
    }
    if (first.symbolic || first.shape.includes(null))
      throw badArgument('Variable', `the first value must be concrete; received ${first}.`);
    super(leaf('variable'), 0, first.type, false, true);
    this.name = name;
    this.path = name;
    this.trainable = trainable;
    this.autocast = autocast;
    this.slot = new Slot(this, first.source());
  }

  /** The dtype that it is read as: its own, but in a layer of mixed precision. */
  override get dtype(): DType {
    return this.#autocast() ?? describe(this.type).dtype;
  }

  #autocast(): DType | null {
    return this.autocast && isFloat(describe(this.type).dtype) ? currentAutocast() : null;
  }

  /** A snapshot: the value of this moment. */
  get value(): Tensor {
    return this.read();
  }

  /**
   * Takes a new value of the same type; numbers fill it. Runs with the next read of anything.
   * `gradients` does not look through an assignment.
   *
   * @throws FoveaError `SHAPE_MISMATCH` for another shape; `DISPOSED`
   */
  assign(value: Tensor | number): this {
    this.checkUsable();
    let next = value instanceof Tensor ? value.source() : this.#filled(value);
    if (next.symbolic && !currentTrace())
      throw badArgument('assign', `variable "${this.path}" cannot take a symbolic value outside a model.`);
    const { dtype } = describe(this.type);
    if (next.dtype !== dtype) next = next.cast(dtype);
    if (next.type !== this.type)
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `Variable "${this.path}" is ${showType(this)} and cannot be assigned a value of ${showType(next)}.`,
        this.path,
      );
    const trace = currentTrace();
    const read = this.#cut(next);
    if (trace) {
      trace.overlay.set(this.slot, read);
      return this;
    }
    this.slot.pending = read;
    pendingSlots.add(this.slot);
    if (read.depth > longestChain) flushSync();
    return this;
  }

  /** @internal The read of the version that is current here. */
  read(): Tensor {
    this.checkUsable();
    const { slot } = this;
    for (let trace = currentTrace(); trace; trace = trace.outer) {
      const read = trace.overlay.get(slot) ?? trace.reads.get(slot);
      if (read) return read;
    }
    const trace = currentTrace();
    if (trace) {
      const read = this.#leaf(true);
      trace.reads.set(slot, read);
      return read;
    }
    if (slot.pending) return slot.pending;
    if (slot.writers > 0 && slot.native) return this.#snapshot(slot.native);
    slot.settled ??= this.#leaf(false);
    return slot.settled as Tensor;
  }

  /** Gives the memory back. The variable cannot be used any more. */
  override dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.slot.dispose();
  }

  override toString(): string {
    return `Variable "${this.path}" ${showType(this)}`;
  }

  /** @internal */
  override source(): Tensor {
    return this.read();
  }

  /** @internal */
  override operand(): Tensor {
    const [read, dtype] = [this.read(), this.#autocast()];
    return dtype === null || dtype === read.dtype ? read : read.cast(dtype);
  }

  private checkUsable(): void {
    if (this.disposed) throw new FoveaError('DISPOSED', `Variable "${this.path}" was disposed.`, this.path);
  }

  #filled(value: unknown): Tensor {
    if (typeof value !== 'number')
      throw badArgument(
        'assign',
        `expected a Tensor or a number for variable "${this.path}"; received ${shown(value)}.`,
      );
    return apply('broadcastTo', { shape: checkShape('assign', this.shape) }, [
      scalar(value, describe(this.type).dtype),
    ])[0]!;
  }

  #leaf(traced: boolean): Tensor {
    const node = leaf('read', {}, this.slot, traced);
    return output(node, this.type, false);
  }

  /** The read of a value that the next step may change before anybody asks for it. */
  #snapshot(held: NativeVariable): Tensor {
    const read = this.#leaf(false);
    read.buffer = calling(() => held.snapshot());
    return read;
  }

  /** What an assignment stores: the value, cut off from its history. */
  #cut(value: Tensor): Tensor {
    const node = applied('stopGradient', {}, [value], this.slot);
    const read = output(node, this.type, value.symbolic);
    read.depth = value.depth + 1;
    return read;
  }
}

function output(node: Node, type: number, symbolic: boolean): Tensor {
  const tensor = new Tensor(node, 0, type, symbolic, isFloat(describe(type).dtype));
  node.outputs = [tensor];
  return tensor;
}
