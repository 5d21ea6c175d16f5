import { Callable, invoke } from '../callable.ts';
import { badArgument, shown } from '../errors.ts';
import { lowerFirst, snakeCase } from '../layers/naming.ts';
import type { TensorLike } from '../ops/apply.ts';
import { classNameOf } from '../registry.ts';
import { type Tensor, Variable, zeros } from '../tensor.ts';

/** Options that every metric knows. */
export interface MetricOptions {
  /** What logs call it; by default the class. */
  name?: string | undefined;
}

/** What `updateState` takes besides values. */
export interface UpdateOptions {
  /** How much each sample counts. */
  sampleWeight?: TensorLike | null | undefined;
}

/**
 * A number that is gathered over many batches. A subclass makes its state with `addVariable` and has
 * `updateState` and `result`; `fit` and `evaluate` call `resetState` before each epoch.
 *
 * @see https://keras.io/api/metrics/base_metric/
 */
export abstract class Metric extends Callable {
  /** The class in snake case unless it was given. */
  readonly name: string;
  /** @internal What logs call it: the given name, or the class in camel case. */
  declare readonly key: string;
  #variables: Variable[] = [];

  constructor(options: MetricOptions = {}) {
    super();
    const className = classNameOf(new.target);
    if (options.name !== undefined && typeof options.name !== 'string')
      throw badArgument(className, `name must be a string; received ${shown(options.name)}.`);
    this.name = options.name ?? snakeCase(className);
    Object.defineProperty(this, 'key', { value: options.name ?? lowerFirst(className) });
  }

  /** State that begins with zeros. */
  protected addVariable(name: string, shape: readonly number[] = []): Variable {
    const variable = new Variable({ initial: () => zeros(shape), name, trainable: false });
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

  /** The number so far, a scalar. */
  abstract result(): Tensor;

  /** Begins anew. */
  resetState(): void {
    for (const variable of this.#variables) variable.assign(0);
  }

  /** The options that make an equal metric. */
  getConfig(): object {
    return { name: this.name };
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
