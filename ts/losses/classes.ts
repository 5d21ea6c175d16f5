import { flag, whole } from '../errors.ts';
import { cast, notEqual } from '../ops/index.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  meanAbsoluteError,
  meanSquaredError,
  type SmoothedOptions,
  type SparseOptions,
  sparseCategoricalCrossentropy,
} from './functions.ts';
import { Loss, type LossOptions, lossOptions } from './loss.ts';
import type { Reduction } from './reduce.ts';

/**
 * The mean of the squared differences. Labels and predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class MeanSquaredError extends Loss {
  static readonly className: string = 'MeanSquaredError';

  constructor(reduction?: Reduction | null | LossOptions, options?: LossOptions) {
    super(readOptions<LossOptions>('MeanSquaredError', lossOptions, [reduction, options]));
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanSquaredError(yTrue, yPred);
  }
}

/**
 * The mean of the absolute differences. Labels and predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/regression_losses/
 */
export class MeanAbsoluteError extends Loss {
  static readonly className: string = 'MeanAbsoluteError';

  constructor(reduction?: Reduction | null | LossOptions, options?: LossOptions) {
    super(readOptions<LossOptions>('MeanAbsoluteError', lossOptions, [reduction, options]));
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return meanAbsoluteError(yTrue, yPred);
  }
}

/** Options of {@link BinaryCrossentropy} and {@link CategoricalCrossentropy}. */
export interface SmoothedCrossentropyOptions extends SmoothedOptions, LossOptions {}

const smoothedOptions = ['fromLogits', 'labelSmoothing', 'axis', ...lossOptions] as const;

/** What the cross-entropies keep of their options. */
function kept(where: string, { fromLogits = false, labelSmoothing = 0, axis = -1 }: SmoothedOptions) {
  return {
    fromLogits: flag(where, 'fromLogits', fromLogits),
    labelSmoothing: numberWithin(where, 'labelSmoothing', labelSmoothing, 0, 1),
    axis: whole(where, 'axis', axis),
  };
}

/**
 * The cross-entropy of yes-or-no labels: −y · log p − (1 − y) · log(1 − p), averaged over the last axis. Labels 0 or 1
 * and predictions [batch, ..., n]. Where predictions come straight from a sigmoid it is computed from the logits before
 * it.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class BinaryCrossentropy extends Loss {
  static readonly className: string = 'BinaryCrossentropy';
  /** What was chosen, with the defaults filled in. */
  readonly options: Required<SmoothedOptions>;

  constructor(
    fromLogits?: boolean | SmoothedCrossentropyOptions,
    labelSmoothing?: number | SmoothedCrossentropyOptions,
    options?: SmoothedCrossentropyOptions,
  ) {
    const where = 'BinaryCrossentropy';
    const read = readOptions<SmoothedCrossentropyOptions>(where, smoothedOptions, [
      fromLogits,
      labelSmoothing,
      options,
    ]);
    super(read);
    this.options = kept(where, read);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return binaryCrossentropy(yTrue, yPred, this.options);
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/**
 * The cross-entropy of one-hot labels: −Σ y · log p. Labels and predictions [batch, ..., classes]. Where predictions
 * come straight from a softmax it is computed from the logits before it.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if labels are not one-hot
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class CategoricalCrossentropy extends Loss {
  static readonly className: string = 'CategoricalCrossentropy';
  /** What was chosen, with the defaults filled in. */
  readonly options: Required<SmoothedOptions>;

  constructor(
    fromLogits?: boolean | SmoothedCrossentropyOptions,
    labelSmoothing?: number | SmoothedCrossentropyOptions,
    options?: SmoothedCrossentropyOptions,
  ) {
    const where = 'CategoricalCrossentropy';
    const read = readOptions<SmoothedCrossentropyOptions>(where, smoothedOptions, [
      fromLogits,
      labelSmoothing,
      options,
    ]);
    super(read);
    this.options = kept(where, read);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalCrossentropy(yTrue, yPred, this.options);
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/** Options of {@link SparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropyOptions extends SparseOptions, LossOptions {}

const sparseOptions = ['fromLogits', 'ignoreClass', 'reduction', 'axis', 'name'] as const;

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
    options?: SparseCategoricalCrossentropyOptions,
  ) {
    const where = 'SparseCategoricalCrossentropy';
    const read = readOptions<SparseCategoricalCrossentropyOptions>(where, sparseOptions, [
      fromLogits,
      ignoreClass,
      options,
    ]);
    super(read);
    this.fromLogits = flag(where, 'fromLogits', read.fromLogits ?? false);
    this.ignoreClass = (read.ignoreClass ?? null) === null ? null : whole(where, 'ignoreClass', read.ignoreClass);
    this.axis = whole(where, 'axis', read.axis ?? -1);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const { fromLogits, ignoreClass, axis } = this;
    return sparseCategoricalCrossentropy(yTrue, yPred, { fromLogits, ignoreClass, axis });
  }

  /** @internal */
  override mask(yTrue: Tensor): Tensor | null {
    return this.ignoreClass === null ? null : notEqual(cast(yTrue, 'int32'), this.ignoreClass);
  }

  override getConfig(): object {
    const { fromLogits, ignoreClass, axis } = this;
    return { ...super.getConfig(), fromLogits, ignoreClass, axis };
  }
}
