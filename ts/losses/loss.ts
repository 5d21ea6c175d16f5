import { Callable, invoke } from '../callable.ts';
import { badArgument, oneOf, shown } from '../errors.ts';
import { lowerFirst, snakeCase } from '../layers/naming.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { unknownOption } from '../options.ts';
import { classNameOf } from '../registry.ts';
import { Tensor } from '../tensor.ts';
import { type Reduction, reduceWeighted, reductions } from './reduce.ts';

/** Options that every loss knows. */
export interface LossOptions {
  /** `'sumOverBatchSize'` if left out: the mean over all values. `null` is `'none'`. */
  reduction?: Reduction | null | undefined;
  /** The class in snake case if left out. */
  name?: string | undefined;
}

/** The names of {@link LossOptions}. */
export const lossOptions = ['reduction', 'name'] as const;

/** What a loss takes besides labels and predictions. */
export interface LossCallOptions {
  /** How much each sample (or each value) counts. */
  sampleWeight?: TensorLike | null | undefined;
}

/**
 * How far predictions are from labels. Can be called: `loss(yTrue, yPred, { sampleWeight })` gives a scalar, or with
 * reduction `'none'` one value for each sample. A subclass has a `call` that gives one value for each sample.
 *
 * @see https://keras.io/api/losses/
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class Loss extends Callable {
  /** The class in snake case unless it was given. */
  readonly name: string;
  readonly reduction: Reduction | null;
  /** @internal What logs and messages call it: the given name, or the class in camel case. */
  declare readonly key: string;

  constructor(options: LossOptions = {}) {
    super();
    const className = classNameOf(new.target);
    if (options.name !== undefined && typeof options.name !== 'string')
      throw badArgument(className, `name must be a string; received ${shown(options.name)}.`);
    this.name = options.name ?? snakeCase(className);
    const { reduction = 'sumOverBatchSize' } = options;
    this.reduction = reduction === null ? null : oneOf(className, 'reduction', reduction, reductions);
    Object.defineProperty(this, 'key', { value: options.name ?? lowerFirst(className) });
  }

  /** One value for each sample: labels and predictions, without the last axis. */
  abstract call(yTrue: Tensor, yPred: Tensor): Tensor;

  /** @internal Which values count; `null`: all. */
  mask(_yTrue: Tensor): Tensor | null {
    return null;
  }

  /** The options that make an equal loss. */
  getConfig(): object {
    return { name: this.name, reduction: this.reduction };
  }

  [invoke](yTrue: TensorLike, yPred: TensorLike, options: LossCallOptions = {}): Tensor {
    unknownOption(this.key, options, ['sampleWeight']);
    const labels = toTensor(yTrue, this.key);
    const values: unknown = this.call(labels, toTensor(yPred, this.key));
    if (!(values instanceof Tensor))
      throw badArgument(this.key, `must return a tensor, one value for each sample; it returned ${shown(values)}.`);
    const weight = options.sampleWeight ?? null;
    return reduceWeighted(
      values,
      weight === null ? null : toTensor(weight, this.key),
      this.mask(labels),
      this.reduction,
    );
  }

  /** What logs and messages call it. */
  override toString(): string {
    return this.key;
  }
}

export interface Loss extends Callable {
  (yTrue: TensorLike, yPred: TensorLike, options?: LossCallOptions): Tensor;
}

/** A loss of your own: one value for each sample. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A function as a {@link Loss}. */
export class LossFunctionWrapper extends Loss {
  static readonly className: string = 'LossFunctionWrapper';
  /** The function. */
  readonly fn: LossFunction;

  constructor(fn: LossFunction, options: LossOptions = {}) {
    super({ ...options, name: options.name ?? (fn.name || 'loss') });
    this.fn = fn;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.fn(yTrue, yPred);
  }
}
