import { Callable, invoke } from '../callable.ts';
import type { Tensor } from '../tensor.ts';

/**
 * A penalty on a weight or an output, added to the loss. Can be called: `regularizer(x)`.
 *
 * @see https://keras.io/api/layers/regularizers/
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class Regularizer extends Callable {
  /** The penalty, a scalar. */
  abstract call(x: Tensor): Tensor;

  /** The options that make an equal regularizer. */
  getConfig(): object {
    return {};
  }

  /** A regularizer from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<R>(this: new (options: any) => R, config: object): R {
    return new this(config);
  }

  [invoke](x: Tensor): Tensor {
    return this.call(x);
  }
}

export interface Regularizer extends Callable {
  (x: Tensor): Tensor;
}
