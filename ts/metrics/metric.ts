import { Callable, invoke } from '../callable.ts';
import { badArgument, oneOf, shown } from '../errors.ts';
import { snakeCase } from '../layers/naming.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { unknownOption } from '../options.ts';
import { camelName, classNameOf } from '../registry.ts';
import { type DType, type Tensor, Variable, zeros } from '../tensor.ts';

/** Options that every metric knows. */
export interface MetricOptions {
  /** What logs call it; by default the class. */
  name?: string | undefined;
  /** What the state holds: `'float32'`, and of those that count in whole numbers `'int32'` or `'int64'` too. */
  dtype?: DType | undefined;
}

/** The names of {@link MetricOptions}. */
export const metricOptions = ['name', 'dtype'] as const;

/** What a metric is called, and what its state holds, if nothing else was said. */
interface Usual {
  name?: string;
  dtypes?: readonly [DType, ...DType[]];
}

/** What `updateState` takes besides values. */
export interface UpdateOptions {
  /** How much each sample counts. */
  sampleWeight?: TensorLike | null | undefined;
}

/** The weights among the options of an update. */
export const weightOf = (where: string, options: UpdateOptions): Tensor | null => {
  unknownOption(where, options, ['sampleWeight']);
  const weight = options.sampleWeight ?? null;
  return weight === null ? null : toTensor(weight, where);
};

/**
 * What is gathered over many batches. A subclass makes its state with `addVariable` and has
 * `updateState` and `result`; `fit` and `evaluate` call `resetState` before each epoch.
 *
 * @see https://keras.io/api/metrics/base_metric/
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class Metric extends Callable {
  /** The class in snake case unless it was given. */
  readonly name: string;
  /** @internal What logs call it: the given name, or the class in camel case. */
  declare readonly key: string;
  /** What the state holds. */
  readonly dtype: DType;
  #variables: Variable[] = [];

  /** @param usual what a built-in metric is called (else the class in snake case), and the dtypes it can have */
  constructor(options: MetricOptions = {}, usual: Usual = {}) {
    super();
    const className = classNameOf(new.target);
    if (options.name !== undefined && typeof options.name !== 'string')
      throw badArgument(className, `name must be a string; received ${shown(options.name)}.`);
    const { name = snakeCase(className), dtypes = ['float32'] } = usual;
    this.name = options.name ?? name;
    this.dtype = options.dtype === undefined ? dtypes[0] : oneOf(className, 'dtype', options.dtype, dtypes);
    Object.defineProperty(this, 'key', { value: this.name === name ? camelName(className) : this.name });
  }

  /** State that begins with zeros. */
  protected addVariable(name: string, shape: readonly number[] = []): Variable {
    const variable = new Variable({ initial: () => zeros(shape, { dtype: this.dtype }), name, trainable: false });
    variable.path = `${this.name}/${name}`;
    this.#variables.push(variable);
    return variable;
  }

  /** The state. */
  get variables(): readonly Variable[] {
    return this.#variables;
  }

  /** Takes a batch into the state. */
  // biome-ignore lint/suspicious/noExplicitAny: labels and predictions, or what the subclass takes
  abstract updateState(...values: any[]): void;

  /** What it is so far: a scalar, or a tensor, which logs hold as nested arrays and the progress bar shows the mean of. */
  abstract result(): Tensor;

  /** Begins anew. */
  resetState(): void {
    for (const variable of this.#variables) variable.assign(0);
  }

  /** The options that make an equal metric. */
  getConfig(): object {
    return { name: this.name, dtype: this.dtype };
  }

  /** A metric from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<M>(this: new (options: any) => M, config: object): M {
    return new this(config);
  }

  /** Updates the state and gives the result so far. */
  [invoke](...values: unknown[]): Tensor {
    this.updateState(...values);
    return this.result();
  }

  /** What logs call it. */
  override toString(): string {
    return this.key;
  }
}

export interface Metric extends Callable {
  /** Updates the state and gives the result so far. */
  // biome-ignore lint/suspicious/noExplicitAny: labels and predictions, or what the subclass takes
  (...values: any[]): Tensor;
}
