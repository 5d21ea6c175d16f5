import { Callable, invoke } from '../callable.ts';
import { badArgument, oneOf, shown } from '../errors.ts';
import { converted } from '../layers/converted.ts';
import { maskOf } from '../layers/mask.ts';
import { snakeCase } from '../layers/naming.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { readOptions, unknownOption } from '../options.ts';
import { camelName, classNameOf } from '../registry.ts';
import { Tensor } from '../tensor.ts';
import { bothMasks, type Reduction, reduceWeighted, reductions, sameRank } from './reduce.ts';

/** Options that every loss knows. */
export interface LossOptions {
  /** `'sumOverBatchSize'` if left out: the mean over all values. `null` is `'none'`. */
  reduction?: Reduction | null | undefined;
  /** The class in snake case if left out. */
  name?: string | undefined;
}

/** The names of {@link LossOptions}. */
export const lossOptions = ['reduction', 'name'] as const;

/** They as Keras's last parameters, or options `O` in the place of one or behind them. */
export type LossArguments<O> = [reduction?: Reduction | null | O, name?: string | O, options?: O];

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

  /** @param usualName the name if none is given; the class in snake case if left out */
  constructor(options: LossOptions = {}, usualName?: string) {
    super();
    const className = classNameOf(new.target);
    if (options.name !== undefined && typeof options.name !== 'string')
      throw badArgument(className, `name must be a string; received ${shown(options.name)}.`);
    const usual = usualName ?? snakeCase(className);
    this.name = options.name ?? usual;
    const { reduction = 'sumOverBatchSize' } = options;
    this.reduction = reduction === null ? null : oneOf(className, 'reduction', reduction, reductions);
    Object.defineProperty(this, 'key', { value: this.name === usual ? camelName(className) : this.name });
  }

  /** One value for each sample: labels and predictions, without the last axis. A mask attached to it says which count. */
  abstract call(yTrue: Tensor, yPred: Tensor): Tensor;

  /** The options that make an equal loss. */
  getConfig(): object {
    return { name: this.name, reduction: this.reduction };
  }

  /** A loss from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<L>(this: new (options: any) => L, config: object): L {
    return new this(config);
  }

  [invoke](yTrue: TensorLike, yPred: TensorLike, options: LossCallOptions = {}): Tensor {
    unknownOption(this.key, options, ['sampleWeight']);
    const labels = toTensor(yTrue, this.key);
    const predictions = toTensor(yPred, this.key);
    const values: unknown = this.call(labels, predictions);
    if (!(values instanceof Tensor))
      throw badArgument(this.key, `must return a tensor, one value for each sample; it returned ${shown(values)}.`);
    const weight = options.sampleWeight ?? null;
    return reduceWeighted(
      values,
      weight === null ? null : toTensor(weight, this.key),
      bothMasks(maskOf(predictions), maskOf(values)),
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

/** A loss without options of its own. */
export abstract class PlainLoss extends Loss {
  constructor(...args: LossArguments<LossOptions>) {
    super(readOptions<LossOptions>(classNameOf(new.target), lossOptions, args));
  }
}

/** A loss of your own: one value for each sample. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Options of {@link LossFunctionWrapper}. */
export interface LossFunctionOptions extends LossOptions {
  /** One value for each sample. */
  fn?: LossFunction | undefined;
}

/** A function as a {@link Loss}; its name is the function's if left out. */
export class LossFunctionWrapper extends Loss {
  static readonly className: string = 'LossFunctionWrapper';
  /** The function. */
  readonly fn: LossFunction;

  constructor(fn: LossFunction | LossFunctionOptions, ...rest: LossArguments<LossFunctionOptions>) {
    const where = 'LossFunctionWrapper';
    const names = ['fn', ...lossOptions] as const;
    const read = readOptions<LossFunctionOptions>(where, names, [fn, ...rest]);
    if (typeof read.fn !== 'function')
      throw badArgument(where, `fn must be a function of labels and predictions; received ${shown(read.fn)}.`);
    super({ ...read, name: read.name ?? (read.fn.name || 'loss') });
    this.fn = read.fn;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return this.fn(...sameRank(yTrue, yPred.dtype === 'bfloat16' ? converted(yPred, 'float32') : yPred));
  }

  override getConfig(): object {
    return { ...super.getConfig(), fn: this.fn };
  }
}
