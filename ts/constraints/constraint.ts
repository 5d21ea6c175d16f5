import { Callable, invoke } from '../callable.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { classNameOf } from '../registry.ts';
import type { Tensor } from '../tensor.ts';

/**
 * What a weight is brought to after each update. Can be called: `constraint(w)`. A subclass has a `call` that gives a
 * tensor of the weight's shape.
 *
 * @see https://keras.io/api/layers/constraints/
 * @example
 * ```ts
 * import { constraints, type Tensor, tensor } from 'fovea';
 *
 * class Centred extends constraints.Constraint {
 *   override call(w: Tensor) {
 *     return w.sub(w.mean());
 *   }
 * }
 * console.log(await new Centred()(tensor([1, 2, 6])).array());
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class Constraint extends Callable {
  /** The weight within its bounds. */
  abstract call(w: Tensor): Tensor;

  /** The options that make an equal constraint. */
  getConfig(): object {
    return {};
  }

  /** A constraint from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<C>(this: new (options: any) => C, config: object): C {
    return new this(config);
  }

  [invoke](w: TensorLike): Tensor {
    return this.call(toTensor(w, classNameOf(this.constructor as abstract new () => unknown)));
  }
}

export interface Constraint extends Callable {
  (w: TensorLike): Tensor;
}
