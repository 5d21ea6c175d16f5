import { setMask } from '../layers/mask.ts';
import { apply, type TensorLike, toTensor } from '../ops/apply.ts';
import { cast, moveaxis, notEqual, squeeze, where } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import { classNameOf } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import {
  type SmoothedArguments,
  type SmoothedOptions,
  type SparseOptions,
  smoothedOf,
  smoothedOptions,
  sparseOf,
  sparseOptions,
} from './crossentropy-options.ts';
import { logitsBefore } from './logits.ts';
import { Loss, type LossArguments, type LossOptions, lossOptions } from './loss.ts';
import { type Reduction, sameRank } from './reduce.ts';

export type { CrossentropyOptions, SmoothedOptions, SparseOptions } from './crossentropy-options.ts';

const last = (axis: number, x: Tensor): Tensor => (axis === -1 || axis === x.rank - 1 ? x : moveaxis(x, axis, -1));

/**
 * The cross-entropy of two classes each, averaged over an axis, the last if left out.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function binaryCrossentropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  ...args: SmoothedArguments<SmoothedOptions>
): Tensor {
  const name = 'binaryCrossentropy';
  const read = smoothedOf(name, readOptions(name, smoothedOptions, args));
  const [t, y] = [toTensor(yTrue, name), toTensor(yPred, name)];
  const logits = logitsBefore(y, 'sigmoid') ?? (read.fromLogits ? y : null);
  const attributes = { fromLogits: logits !== null, labelSmoothing: read.labelSmoothing };
  return apply(name, attributes, [last(read.axis, t), last(read.axis, logits ?? y)])[0]!;
}

/**
 * The cross-entropy of one class of many; labels are one-hot or probabilities.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function categoricalCrossentropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  ...args: SmoothedArguments<SmoothedOptions>
): Tensor {
  const name = 'categoricalCrossentropy';
  const read = smoothedOf(name, readOptions(name, smoothedOptions, args));
  const y = toTensor(yPred, name);
  const logits = logitsBefore(y, 'softmax', read.axis) ?? (read.fromLogits ? y : null);
  const t = toTensor(yTrue, name);
  const { labelSmoothing: smoothing, axis: along } = read;
  const attributes = { fromLogits: logits !== null, axis: along };
  // Keras spreads the smoothing over as many classes as the last axis has, wherever they stand.
  const elsewhere = smoothing !== 0 && along !== -1 && along !== y.rank - 1;
  const labels = elsewhere ? t.mul(1 - smoothing).add(smoothing / t.dim(-1)) : t;
  return apply(name, { ...attributes, labelSmoothing: elsewhere ? 0 : smoothing }, [labels, logits ?? y])[0]!;
}

/**
 * The cross-entropy of one class of many; labels are the numbers of the classes.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function sparseCategoricalCrossentropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  fromLogits?: boolean | SparseOptions,
  ignoreClass?: number | null | SparseOptions,
  axis?: number | SparseOptions,
): Tensor {
  const name = 'sparseCategoricalCrossentropy';
  const read = sparseOf(name, readOptions(name, sparseOptions, [fromLogits, ignoreClass, axis]));
  const [t, y] = [toTensor(yTrue, name), toTensor(yPred, name)];
  const logits = logitsBefore(y, 'softmax', read.axis) ?? (read.fromLogits ? y : null);
  const predictions = last(read.axis, logits ?? y);
  const attributes = { fromLogits: logits !== null };
  if (read.ignoreClass === null) return apply(name, attributes, [t, predictions])[0]!;
  const labels = cast(t, 'int32');
  const counts = notEqual(labels, read.ignoreClass);
  const losses = apply(name, attributes, [cast(where(counts, labels, 0), 'int32'), predictions])[0]!;
  const mask = counts.rank > losses.rank ? squeeze(counts, -1) : counts;
  const kept = where(mask, losses, 0);
  setMask(kept, mask);
  return kept;
}

/** Options of {@link BinaryCrossentropy} and {@link CategoricalCrossentropy}. */
export interface SmoothedCrossentropyOptions extends SmoothedOptions, LossOptions {}

/** What both share. */
abstract class SmoothedCrossentropy extends Loss {
  /** What was chosen, with the defaults filled in. */
  readonly options: ReturnType<typeof smoothedOf>;

  constructor(
    ...args: [...SmoothedArguments<SmoothedCrossentropyOptions>, ...LossArguments<SmoothedCrossentropyOptions>]
  ) {
    const className = classNameOf(new.target);
    const names = [...smoothedOptions, ...lossOptions] as const;
    const read = readOptions<SmoothedCrossentropyOptions>(className, names, args);
    super(read);
    this.options = smoothedOf(className, read);
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/**
 * The cross-entropy of yes-or-no labels: −y · log p − (1 − y) · log(1 − p), averaged over the last axis. Labels 0 or 1
 * and predictions [batch, ..., n]. Where predictions come straight from a sigmoid it is computed from the logits before
 * it.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class BinaryCrossentropy extends SmoothedCrossentropy {
  static readonly className: string = 'BinaryCrossentropy';
  /** What else strings call it. */
  static readonly aliases = ['bce', 'BCE'] as const;

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return binaryCrossentropy(...sameRank(yTrue, yPred), this.options);
  }
}

/**
 * The cross-entropy of one-hot labels: −Σ y · log p. Labels and predictions [batch, ..., classes]. Where predictions
 * come straight from a softmax it is computed from the logits before it.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if labels are not one-hot
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class CategoricalCrossentropy extends SmoothedCrossentropy {
  static readonly className: string = 'CategoricalCrossentropy';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalCrossentropy(yTrue, yPred, this.options);
  }
}

/** Options of {@link SparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropyOptions extends SparseOptions, LossOptions {}

/**
 * The cross-entropy of labels that are the numbers of the classes: −log p[label]. Labels [batch, ...] or
 * [batch, ..., 1], predictions [batch, ..., classes]. Where predictions come straight from a softmax it is computed
 * from the logits before it.
 *
 * @throws FoveaError `BAD_ARGUMENT` when it runs, for a label that is no class
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class SparseCategoricalCrossentropy extends Loss {
  static readonly className: string = 'SparseCategoricalCrossentropy';
  readonly fromLogits: boolean;
  readonly ignoreClass: number | null;
  readonly axis: number;

  constructor(
    fromLogits?: boolean | SparseCategoricalCrossentropyOptions,
    ignoreClass?: number | null | SparseCategoricalCrossentropyOptions,
    reduction?: Reduction | null | SparseCategoricalCrossentropyOptions,
    axis?: number | SparseCategoricalCrossentropyOptions,
    name?: string | SparseCategoricalCrossentropyOptions,
    options?: SparseCategoricalCrossentropyOptions,
  ) {
    const where = 'SparseCategoricalCrossentropy';
    const names = ['fromLogits', 'ignoreClass', 'reduction', 'axis', 'name'] as const;
    const given = [fromLogits, ignoreClass, reduction, axis, name, options];
    const read = readOptions<SparseCategoricalCrossentropyOptions>(where, names, given);
    super(read);
    const kept = sparseOf(where, read);
    this.fromLogits = kept.fromLogits;
    this.ignoreClass = kept.ignoreClass;
    this.axis = kept.axis;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const { fromLogits, ignoreClass, axis } = this;
    return sparseCategoricalCrossentropy(yTrue, yPred, { fromLogits, ignoreClass, axis });
  }

  override getConfig(): object {
    const { fromLogits, ignoreClass, axis } = this;
    return { ...super.getConfig(), fromLogits, ignoreClass, axis };
  }
}
