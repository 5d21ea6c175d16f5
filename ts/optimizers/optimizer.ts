import { badArgument, FoveaError, shown } from '../errors.ts';
import { automaticName } from '../layers/naming.ts';
import { add, cast, mul, sub } from '../ops/index.ts';
import { numberWithin } from '../options.ts';
import { classNameOf } from '../registry.ts';
import { Tensor, tensor, Variable, zeros } from '../tensor.ts';
import { clipByGlobalNorm, clipByNorm, clipByValue } from './clip.ts';

/** A learning rate that depends on how many updates there were. */
export type Schedule = (step: Tensor) => Tensor;

/**
 * A schedule beside an options object `O` in one parameter. It says that it has none of the options, so that
 * TypeScript still suggests the option that a misspelt one was meant to be. (Every function has a `name`.)
 */
export type ScheduleBeside<O> = Schedule & { readonly [Name in Exclude<keyof O, 'name'>]?: never };

/** Options that every optimizer knows. */
export interface OptimizerOptions {
  /** A number, or a function of the step. */
  learningRate?: number | Schedule | undefined;
  /** Draws weights towards 0, apart from the gradient: `w −= w · weightDecay · learningRate`. */
  weightDecay?: number | null | undefined;
  /** Scales a gradient whose norm is greater down to it. */
  clipnorm?: number | null | undefined;
  /** Cuts gradients to −clipvalue … clipvalue. */
  clipvalue?: number | null | undefined;
  /** Scales all gradients down if their common norm is greater. */
  globalClipnorm?: number | null | undefined;
  /** Automatic if left out: the class in snake case, numbered. */
  name?: string | undefined;
}

/** The names of {@link OptimizerOptions} behind an optimizer's own. */
export const optimizerOptions = ['weightDecay', 'clipnorm', 'clipvalue', 'globalClipnorm', 'name'] as const;

/**
 * Changes variables by gradients. A subclass makes its state in `buildSlots` and has an `updateStep`.
 * All state is in variables, so that a compiled step can hold the whole update.
 *
 * @see https://keras.io/api/optimizers/
 */
export abstract class Optimizer {
  /** The class in snake case, numbered from the second on, unless it was given. */
  readonly name: string;
  readonly weightDecay: number | null;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  /** How many updates there were; int64. */
  readonly iterations: Variable;
  #rate: Variable | Schedule;
  #built = false;
  readonly #index = new Map<Variable, number>();
  readonly #slots: Variable[] = [];
  readonly #bySlot = new Map<string, Map<Variable, Variable>>();

  /** @param learningRate what the class takes if the options have none */
  constructor(options: OptimizerOptions, learningRate: number) {
    const className = classNameOf(new.target);
    const optional = (field: 'weightDecay' | 'clipnorm' | 'clipvalue' | 'globalClipnorm') =>
      (options[field] ?? null) === null ? null : numberWithin(className, field, options[field], 0, Infinity);
    this.weightDecay = optional('weightDecay');
    this.clipnorm = optional('clipnorm');
    this.clipvalue = optional('clipvalue');
    this.globalClipnorm = optional('globalClipnorm');
    if ([this.clipnorm, this.clipvalue, this.globalClipnorm].filter((clip) => clip !== null).length > 1)
      throw badArgument(className, 'takes at most one of clipnorm, clipvalue and globalClipnorm.');
    this.name = options.name ?? automaticName(className);
    this.iterations = this.#variable('iteration', tensor([0], { shape: [], dtype: 'int64' }));
    this.#rate = this.#rateOf(options.learningRate ?? learningRate);
  }

  /** What the next update uses; assign a number or a schedule to change it. */
  get learningRate(): Tensor {
    return this.#rate instanceof Variable ? this.#rate : this.#rate(this.iterations.value);
  }

  set learningRate(value: number | Tensor | Schedule) {
    if (this.#rate instanceof Variable && (typeof value === 'number' || value instanceof Tensor))
      this.#rate.assign(typeof value === 'number' ? this.#checked(value) : value);
    else this.#rate = this.#rateOf(value);
  }

  #checked(value: unknown): number {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw badArgument(this.name, `learningRate must be a number or a function of the step; received ${shown(value)}.`);
  }

  #rateOf(value: number | Tensor | Schedule): Variable | Schedule {
    if (typeof value === 'function') return value;
    const initial = value instanceof Tensor ? value : tensor([this.#checked(value)], { shape: [] });
    return this.#variable('learning_rate', initial);
  }

  #variable(name: string, initial: Tensor): Variable {
    const variable = new Variable({ initial, name, trainable: false });
    variable.path = `${this.name}/${name}`;
    return variable;
  }

  /** The state: the step, the learning rate, then what the algorithm keeps for each variable. */
  get variables(): readonly Variable[] {
    return [this.iterations, ...(this.#rate instanceof Variable ? [this.#rate] : []), ...this.#slots];
  }

  /** Whether the state for variables was made. */
  get built(): boolean {
    return this.#built;
  }

  /** Makes the state for variables; those that are known keep theirs. */
  build(variables: readonly Variable[]): void {
    const fresh = variables.filter((variable) => !this.#index.has(variable));
    for (const variable of fresh) this.#index.set(variable, this.#index.size);
    if (fresh.length > 0) this.buildSlots(fresh);
    this.#built = true;
  }

  /** Makes what the algorithm keeps for each variable, with `addSlots`. */
  protected buildSlots(_variables: readonly Variable[]): void {}

  /** Adds state of a variable's shape, zeros at first: all of `names` for each variable in turn. */
  protected addSlots(variables: readonly Variable[], ...names: string[]): void {
    for (const variable of variables) {
      for (const name of names) {
        const initial = () => zeros(variable.shape, { dtype: variable.dtype });
        const path = `v${this.#index.get(variable)}_${name}`;
        const slot = new Variable({ initial, name: path, trainable: false });
        slot.path = `${this.name}/${path}`;
        this.#slots.push(slot);
        const known = this.#bySlot.get(name) ?? new Map<Variable, Variable>();
        this.#bySlot.set(name, known.set(variable, slot));
      }
    }
  }

  /** The state of a variable that `addSlots` made. */
  protected slot(name: string, variable: Variable): Variable {
    return this.#bySlot.get(name)!.get(variable)!;
  }

  /**
   * Changes variables by their gradients, in their order, clipped and decayed as the options say. Builds first if
   * necessary.
   *
   * @throws FoveaError `BAD_ARGUMENT` unless there is one gradient for each variable
   */
  apply(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    if (gradients.length !== variables.length)
      throw new FoveaError(
        'BAD_ARGUMENT',
        `${this.name}: apply takes one gradient for each variable; received ${gradients.length} for ${variables.length}.`,
        this.name,
      );
    this.build(variables);
    if (variables.length > 0) {
      const clipped = this.#clip(gradients);
      const rate = cast(this.learningRate, 'float32');
      if (this.weightDecay !== null) {
        for (const variable of variables) variable.assign(sub(variable, mul(mul(variable, this.weightDecay), rate)));
      }
      const update = this.prepare(rate);
      for (const [i, variable] of variables.entries()) this.updateStep(clipped[i]!, variable, update);
    }
    this.iterations.assign(add(this.iterations, 1));
  }

  #clip(gradients: readonly Tensor[]): readonly Tensor[] {
    if (this.clipnorm) return gradients.map((g) => clipByNorm(g, this.clipnorm!));
    if (this.clipvalue) return gradients.map((g) => clipByValue(g, this.clipvalue!));
    return this.globalClipnorm ? clipByGlobalNorm(gradients, this.globalClipnorm) : gradients;
  }

  /** The step size of one `apply`, from the learning rate: what all variables share is computed once. */
  protected prepare(learningRate: Tensor): Tensor {
    return learningRate;
  }

  /** Changes one variable; `rate` is what `prepare` gave. */
  abstract updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void;

  /** The options that make an equal optimizer, with the learning rate it began with or was last set to. */
  getConfig(): object {
    const { name, weightDecay, clipnorm, clipvalue, globalClipnorm } = this;
    const learningRate = this.#rate instanceof Variable ? this.#rate.dataSync()[0]! : this.#rate;
    return { name, learningRate, weightDecay, clipnorm, clipvalue, globalClipnorm };
  }

  /** The name. */
  toString(): string {
    return this.name;
  }
}
