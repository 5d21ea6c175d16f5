import { Callable, invoke } from '../callable.ts';
import type { DType, Tensor } from '../tensor.ts';

/** Options of an initializer's call. */
export interface InitializerCallOptions {
  /** What the weight holds, float32 if left out. */
  dtype?: DType | undefined;
}

/**
 * Makes the first value of a weight. Can be called: `initializer([3, 3, 16, 32])`.
 *
 * @see https://keras.io/api/layers/initializers/
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class Initializer extends Callable {
  /** A tensor of that shape. */
  abstract call(shape: readonly number[], options?: InitializerCallOptions): Tensor;

  /** The options that make an equal initializer. */
  getConfig(): object {
    return {};
  }

  /** An initializer from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<I>(this: new (options: any) => I, config: object): I {
    return new this(config);
  }

  /** An equal initializer. */
  clone(): this {
    return new (this.constructor as new (options: object) => this)(this.getConfig());
  }

  [invoke](shape: readonly number[], options?: InitializerCallOptions): Tensor {
    return this.call(shape, options);
  }
}

export interface Initializer extends Callable {
  (shape: readonly number[], options?: InitializerCallOptions): Tensor;
}
