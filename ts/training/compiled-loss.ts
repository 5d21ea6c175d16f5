import { badArgument } from '../errors.ts';
import { upperFirst } from '../layers/naming.ts';
import { get, type Loss, type LossLike } from '../losses/index.ts';
import { Mean } from '../metrics/index.ts';
import { add, mul } from '../ops/index.ts';
import { isRecord } from '../options.ts';
import { isSerialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import { withOrigin } from '../trace.ts';
import { named, type Output, perOutput } from './outputs.ts';

/** The loss of a model: one for all outputs, in their order, or by their names; `null` for none. */
export type ModelLoss = LossLike | readonly (LossLike | null)[] | { readonly [output: string]: LossLike | null };

/** How much the loss of each output counts, in their order or by their names. */
export type LossWeights = readonly number[] | { readonly [output: string]: number };

/** The losses of a model's outputs, and what they were in this epoch. */
export class CompiledLoss {
  readonly #losses: unknown;
  readonly #weights: LossWeights | null;
  readonly #byOutput = new Map<string, Mean>();

  constructor(loss: ModelLoss, weights: LossWeights | null) {
    this.#losses = resolved(loss);
    this.#weights = weights;
  }

  /** The metrics that keep the losses of several outputs, by the names of their logs. */
  get trackers(): ReadonlyMap<string, Mean> {
    return this.#byOutput;
  }

  /** The weighted sum of the outputs' losses, a scalar if they are reduced; takes each into its tracker. */
  compute(outputs: readonly Output[], y: unknown, sampleWeight: unknown): Tensor {
    const names = outputs.map(({ name }) => name);
    const losses = perOutput<Loss>('loss', this.#losses, names, true);
    const needed = names.filter((_, i) => losses[i] !== undefined);
    if (needed.length > 0 && y === undefined)
      throw badArgument('fit', 'the loss needs labels: pass y beside x, or { x, y }.');
    const compact = Array.isArray(y) && y.length === needed.length && needed.length < names.length;
    const spread = compact ? Object.fromEntries(needed.map((name, i) => [name, y[i]])) : y;
    const labels = perOutput<Tensor>('y', spread, names, false);
    const samples = perOutput<Tensor>('sampleWeight', sampleWeight, names, true);
    const several = losses.filter((loss) => loss !== undefined).length > 1;
    const weights = perOutput<number>('lossWeights', this.#weights, names, false);
    let total: Tensor | undefined;
    for (const [i, { name, tensor }] of outputs.entries()) {
      const loss = losses[i];
      if (loss === undefined) continue;
      const label = labels[i];
      if (label === undefined) throw badArgument('y', `no labels for output '${name}'.`);
      const shownName = outputs.length > 1 ? name : null;
      const value = lossOf(loss, label, tensor, samples[i], shownName);
      if (several) this.#track(name, value);
      const weight = weights[i];
      const share = weight === undefined ? value : mul(value, weight);
      total = total === undefined ? share : add(total, share);
    }
    if (total === undefined) throw badArgument('compile', 'no output has a loss.');
    return total;
  }

  /** Each batch counts once, as Keras (with TensorFlow) has it; for the sum of all losses each sample does. */
  #track(name: string, value: Tensor): void {
    const key = `${name}${upperFirst('loss')}`;
    const tracker = this.#byOutput.get(key) ?? new Mean(key);
    this.#byOutput.set(key, tracker);
    tracker.updateState(value);
  }
}

function lossOf(loss: Loss, label: Tensor, output: Tensor, weight: Tensor | undefined, name: string | null): Tensor {
  const where = name === null ? loss.key : `${loss.key} of output "${name}"`;
  return named(
    loss.key,
    name,
    () => withOrigin(where, () => loss(label, output, { sampleWeight: weight })),
    () =>
      output.rank > 2 && label.rank < output.rank - 1
        ? ` If each sample should get one prediction, a Flatten or a global pooling is missing in the model.`
        : '',
  );
}

/** Losses in place of their names, so that a typo is found in `compile`. */
function resolved(loss: unknown): unknown {
  if (loss === null || loss === undefined) return undefined;
  if (Array.isArray(loss)) return loss.map(resolved);
  if (isRecord(loss) && !isSerialized(loss))
    return Object.fromEntries(Object.entries(loss).map(([name, part]) => [name, resolved(part)]));
  return get(loss as LossLike);
}
