import { FoveaError } from '../errors.ts';
import type { Operand } from '../native.ts';
import { freshMark, type Node } from './node.ts';
import type { Slot } from './slot.ts';
import type { Tensor } from './tensor.ts';

/** What a graph is to compute. */
export interface Request {
  /** Placeholders, which become the first leaves. */
  readonly fed?: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly assigns?: readonly (readonly [Slot, Tensor])[];
  /** A scalar; if it is not finite nothing is assigned. */
  readonly guard?: Tensor | undefined;
  /** Whether unrealised tensors from outside the trace are reported instead of computed. */
  readonly capture?: boolean;
}

/** A graph as the addon takes it. */
export interface Program {
  readonly code: Int32Array;
  /** For the leaves after the fed ones. */
  readonly operands: Operand[];
  readonly nodes: Node[];
  /** All leaves as messages show them: `input x`, `variable "dense/kernel"`. */
  readonly leaves: readonly string[];
}

/** What must be there before a graph can be written. */
export interface Missing {
  /** Variables without a value yet. */
  readonly slots: Slot[];
  /** Tensors from outside the trace without values yet. */
  readonly tensors: Tensor[];
}

/** Writes a graph, or says what must be computed first. */
export function write(request: Request): Program | Missing {
  let walk = new Walk(request, false);
  // A gradient looks through tensors that are realised already, as far as they lead to a variable.
  if (walk.gradients) walk = new Walk(request, true);
  return walk.slots.length || walk.tensors.length ? walk : walk.program();
}

class Walk implements Missing {
  readonly slots: Slot[] = [];
  readonly tensors: Tensor[] = [];
  gradients = false;
  readonly #request: Request;
  readonly #through: boolean;
  readonly #nodes: Node[] = [];
  readonly #leaves: (Tensor | Slot)[] = [];
  readonly #leafOfSlot = new Map<Slot, number>();
  readonly #leaf = freshMark();
  readonly #open = freshMark();
  readonly #done = freshMark();

  constructor(request: Request, through: boolean) {
    this.#request = request;
    this.#through = through;
    for (const placeholder of request.fed ?? []) this.#number(placeholder);
    for (const output of request.outputs) this.#visit(output);
    for (const [slot, value] of request.assigns ?? []) {
      this.#visit(value);
      this.#slotLeaf(slot);
    }
    if (request.guard) this.#visit(request.guard);
  }

  /** Depth first, without recursion: chains are long. */
  #visit(target: Tensor): void {
    const stack = [target];
    for (let t = stack.at(-1); t; t = stack.at(-1)) {
      const { node } = t;
      if (t.mark === this.#leaf || node.mark === this.#done) stack.pop();
      else if (node.mark === this.#open) {
        node.mark = this.#done;
        this.#nodes.push(node);
        stack.pop();
      } else if (this.#isLeaf(t)) {
        this.#takeLeaf(t);
        stack.pop();
      } else {
        node.mark = this.#open;
        if (node.name === 'gradients' || node.name === 'vjp') this.gradients = true;
        for (let i = node.inputs.length - 1; i >= 0; i--) stack.push(node.inputs[i]!);
      }
    }
  }

  #isLeaf(t: Tensor): boolean {
    const { node } = t;
    if (node.op < 0 || node.slot?.holds(t)) return true;
    if (t.buffer) return !(this.#through && t.tracked && node.inputs.length > 0);
    return this.#request.capture === true && !node.traced && !t.symbolic;
  }

  #takeLeaf(t: Tensor): void {
    const { node } = t;
    const { capture } = this.#request;
    if (node.name === 'placeholder')
      throw new FoveaError('BAD_ARGUMENT', `The result depends on ${t}, which is not among the inputs.`);
    if (t.buffer || t.number !== null) this.#number(t);
    else if (capture && !node.traced) {
      this.tensors.push(t);
      this.#number(t);
    } else if (node.slot) {
      t.mark = this.#leaf;
      t.index = this.#slotLeaf(node.slot);
    } else throw new FoveaError('DISPOSED', `${t} was disposed and cannot be used any more.`);
  }

  #number(t: Tensor): void {
    t.mark = this.#leaf;
    t.index = this.#leaves.push(t) - 1;
  }

  #slotLeaf(slot: Slot): number {
    let index = this.#leafOfSlot.get(slot);
    if (index === undefined) {
      index = this.#leaves.push(slot) - 1;
      this.#leafOfSlot.set(slot, index);
      if (!slot.native) this.slots.push(slot);
    }
    return index;
  }

  #value(t: Tensor): number {
    return t.mark === this.#leaf ? t.index : t.node.index + t.output;
  }

  program(): Program {
    const { fed = [], outputs, assigns = [], guard } = this.#request;
    const code = [this.#leaves.length];
    for (const leaf of this.#leaves) code.push('node' in leaf ? 0 : 1, leaf.type);
    code.push(this.#nodes.length);
    let value = this.#leaves.length;
    for (const node of this.#nodes) {
      node.index = value;
      value += node.outputs.length;
      code.push(node.op, node.inputs.length);
      for (const input of node.inputs) code.push(this.#value(input));
    }
    code.push(outputs.length);
    for (const output of outputs) code.push(this.#value(output));
    code.push(assigns.length);
    for (const [slot, assigned] of assigns) code.push(this.#leafOfSlot.get(slot)!, this.#value(assigned));
    code.push(guard ? this.#value(guard) : -1);
    const operands = this.#leaves
      .slice(fed.length)
      .map((leaf) => ('node' in leaf ? (leaf.buffer ?? leaf.number!) : leaf.native!));
    return { code: Int32Array.from(code), operands, nodes: this.#nodes, leaves: this.#leaves.map(leafName) };
  }
}

/** A leaf as messages show it. */
function leafName(leaf: Tensor | Slot): string {
  if (!('node' in leaf)) return `variable "${leaf.owner.path}"`;
  const { name, attributes } = leaf.node;
  if (name !== 'placeholder') return 'a constant';
  return `input ${(attributes as { name: string }).name}`.trimEnd();
}
