import { badArgument, shown } from '../errors.ts';
import { apply } from '../ops/apply.ts';
import { ruleOf } from './custom-gradient.ts';
import { freshMark, released } from './node.ts';
import type { Slot } from './slot.ts';
import { Tensor } from './tensor.ts';
import { describe, isFloat } from './types.ts';
import { Variable } from './variable.ts';

/** One gradient for one tensor, a tuple for a tuple. */
export type Gradients<W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? { -readonly [K in keyof W]: Tensor }
  : Tensor;

/**
 * The gradients of a loss with respect to variables, inputs or any tensor on the way; they have the
 * shapes of `wrt`. A loss that is no scalar is summed; what the loss does not use gets zeros. Of a
 * variable the version counts that the loss read.
 *
 * @example
 * ```ts
 * import { gradients, tensor, Variable } from 'fovea';
 *
 * const w = new Variable({ initial: tensor([1, 2]) });
 * const loss = w.square().sum();
 * const dw = gradients(loss, w);
 * w.assign(w.sub(dw.mul(0.1)));
 * console.log(await dw.array(), await w.array());
 * ```
 *
 * @throws FoveaError `BAD_ARGUMENT` if the loss was read before and its history, which leads to no variable, is forgotten
 */
export function gradients<const W extends Tensor | readonly Tensor[]>(loss: Tensor, wrt: W): Gradients<W> {
  if (!(loss instanceof Tensor)) throw badArgument('gradients', `the loss must be a Tensor; received ${shown(loss)}.`);
  const list: readonly Tensor[] = wrt instanceof Tensor ? [wrt] : wrt;
  if (!Array.isArray(list) || !list.every((w) => w instanceof Tensor))
    throw badArgument('gradients', `wrt must be a Tensor or an array of them; received ${shown(list)}.`);
  if (list.length === 0) return [] as unknown as Gradients<W>;
  const history = new History(loss.source());
  const sources = list.map((w) => (w instanceof Variable ? history.version(w) : history.checked(w.source())));
  const result =
    history.cuts.length === 0 ? apply('gradients', {}, [loss, ...sources]) : pulled(loss, sources, history.cuts);
  return (wrt instanceof Tensor ? result[0] : result) as Gradients<W>;
}

/**
 * Gradients of a loss on whose way there are functions with a gradient of their own: `cuts`, their results, behind which
 * nothing is differentiated. The last one's gradient goes through its rule first, since it may lead to the others.
 */
function pulled(loss: Tensor, sources: readonly Tensor[], cuts: readonly Tensor[]): Tensor[] {
  const last = [...cuts].sort((a, b) => b.node.serial - a.node.serial);
  const targets = [...sources, ...last];
  const totals = apply('gradients', {}, [loss, ...targets]);
  for (const [i, cut] of last.entries()) {
    const { inputs, back } = ruleOf(cut)!;
    // Where its gradient may lead: to what is asked for, and to the functions before it.
    const open = [...targets.keys()].filter((j) => j < sources.length || j > sources.length + i);
    for (const [k, gradient] of back(totals[sources.length + i]!).entries()) {
      const input = inputs[k]!;
      if (!isFloat(describe(input.type).dtype)) continue;
      const parts = apply('vjp', {}, [input, gradient, ...open.map((j) => targets[j]!)]);
      for (const [n, j] of open.entries()) totals[j] = apply('add', {}, [totals[j]!, parts[n]!])[0]!;
    }
  }
  return totals.slice(0, sources.length);
}

/** What a loss was computed from. */
class History {
  /** The newest read of each variable. */
  readonly #reads = new Map<Slot, Tensor>();
  readonly #met = freshMark();
  #forgotten = false;
  /** What functions with a gradient of their own gave. */
  readonly cuts: Tensor[] = [];

  constructor(loss: Tensor) {
    const stack = [loss];
    for (let t = stack.pop(); t; t = stack.pop()) {
      const { node } = t;
      if (node.mark === this.#met) continue;
      node.mark = this.#met;
      const rule = ruleOf(t);
      if (rule) {
        this.cuts.push(t);
        stack.push(...rule.inputs);
      }
      if (node.slot) {
        const known = this.#reads.get(node.slot);
        if (!known || known.node.serial < node.serial) this.#reads.set(node.slot, t);
      }
      if (node.inputs === released && !node.slot) this.#forgotten = true;
      // Behind the cut of an assignment nothing is differentiated.
      if (!node.slot) stack.push(...node.inputs);
    }
  }

  version(variable: Variable): Tensor {
    const current = variable.source();
    return current.node.mark === this.#met ? current : (this.#reads.get(variable.slot) ?? current);
  }

  checked(w: Tensor): Tensor {
    if (w.node.mark !== this.#met && this.#forgotten)
      throw badArgument(
        'gradients',
        `the loss was computed from values that were read before, and how those came about is forgotten. ` +
          `Take the gradients first, or make ${w} a Variable.`,
      );
    return w;
  }
}
