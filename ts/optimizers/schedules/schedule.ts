import { Callable, invoke } from '../../callable.ts';
import { badArgument, shown } from '../../errors.ts';
import { type TensorLike, toTensor } from '../../ops/apply.ts';
import { classNameOf } from '../../registry.ts';
import type { Tensor } from '../../tensor.ts';

/** Options that every schedule of Keras's knows. */
export interface ScheduleOptions {
  /** The class if left out. */
  name?: string | undefined;
}

/**
 * A learning rate that depends on the step. Can be called: `schedule(step)` gives a scalar, float32 []. A subclass has a
 * `call`, and a `getConfig` to be savable.
 *
 * @see https://keras.io/api/optimizers/learning_rate_schedules/learning_rate_schedule/
 * @example
 * ```ts
 * import { optimizers, type Tensor } from 'fovea';
 *
 * class Halving extends optimizers.schedules.LearningRateSchedule {
 *   override call(step: Tensor) {
 *     return step.cast('float32').mul(-1).exp().mul(0.1);
 *   }
 *   override getConfig() {
 *     return {};
 *   }
 * }
 * const sgd = new optimizers.SGD(new Halving());
 * console.log(await sgd.learningRate.item());
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class LearningRateSchedule extends Callable {
  /** The learning rate of a step, a scalar that counts the updates so far. */
  abstract call(step: Tensor): Tensor;

  /** The options that make an equal schedule. */
  abstract getConfig(): object;

  /** A schedule from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<S>(this: new (options: any) => S, config: object): S {
    return new this(config);
  }

  [invoke](step: TensorLike): Tensor {
    return this.call(toTensor(step, classNameOf(this.constructor as new () => LearningRateSchedule)));
  }

  /** The class. */
  override toString(): string {
    return classNameOf(this.constructor as new () => LearningRateSchedule);
  }
}

export interface LearningRateSchedule extends Callable {
  (step: TensorLike): Tensor;
}

/** The name of a schedule. */
export function nameOf(where: string, name: unknown, usual: string): string {
  if (name === undefined) return usual;
  if (typeof name === 'string') return name;
  throw badArgument(where, `name must be a string; received ${shown(name)}.`);
}

/** Throws unless a number of steps is greater than 0. */
export function stepCount(where: string, field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw badArgument(where, `${field} must be a number greater than 0; received ${shown(value)}.`);
}
