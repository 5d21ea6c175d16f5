import { badArgument, FoveaError, flag, shown, whole } from '../errors.ts';
import { automaticName } from '../layers/naming.ts';
import { add, cast, div, equal, floorDiv, mod, mul, notEqual, sub, where } from '../ops/index.ts';
import { isRecord, numberWithin, optional, unknownOption } from '../options.ts';
import { type CustomObjects, classNameOf, deserialize, isSerialized, savable } from '../registry.ts';
import { full, Tensor, tensor, Variable } from '../tensor.ts';
import { clipByGlobalNorm, clipByNorm, clipByValue } from './clip.ts';
import type { OptimizerOptions, Schedule, SlotOptions, WeightDecayExclusion } from './options.ts';

/**
 * Changes variables by gradients. A subclass makes its state in `buildSlots` and has an `updateStep`.
 * All state is in variables, so that a compiled step can hold the whole update.
 *
 * @see https://keras.io/api/optimizers/
 * @example
 * ```ts
 * import { optimizers, type Tensor, tensor, Variable } from 'fovea';
 *
 * class Signs extends optimizers.Optimizer {
 *   override updateStep(gradient: Tensor, variable: Variable, rate: Tensor) {
 *     variable.assign(variable.sub(gradient.sign().mul(rate)));
 *   }
 * }
 * const w = new Variable({ initial: tensor([1, 1]) });
 * new Signs({ learningRate: 0.1 }, 0.01).apply([tensor([3, -2])], [w]);
 * console.log(await w.array());
 * ```
 */
export abstract class Optimizer {
  /** The class in snake case, numbered from the second on, unless it was given. */
  readonly name: string;
  readonly weightDecay: number | null;
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  readonly gradientAccumulationSteps: number | null;
  /** @internal Counts what a compiled step cannot see: a schedule in place of a number. */
  version = 0;
  readonly #steps: Variable;
  #rate: Variable | Schedule;
  #built = false;
  readonly #index = new Map<Variable, number>();
  readonly #slots: Variable[] = [];
  readonly #bySlot = new Map<string, Map<Variable, Variable>>();
  #undecayed: (variable: Variable) => boolean = () => false;

  /** @param learningRate what the class takes if the options have none */
  constructor(options: OptimizerOptions, learningRate: number) {
    const className = classNameOf(new.target);
    const amount = (field: 'weightDecay' | 'clipnorm' | 'clipvalue' | 'globalClipnorm') =>
      optional(numberWithin, className, field, options[field], 0, Infinity);
    const count = (field: 'emaOverwriteFrequency' | 'gradientAccumulationSteps', least: number) =>
      optional(whole, className, field, options[field], least, Infinity);
    this.weightDecay = amount('weightDecay');
    this.clipnorm = amount('clipnorm');
    this.clipvalue = amount('clipvalue');
    this.globalClipnorm = amount('globalClipnorm');
    if ([this.clipnorm, this.clipvalue, this.globalClipnorm].filter((clip) => clip !== null).length > 1)
      throw badArgument(className, 'takes at most one of clipnorm, clipvalue and globalClipnorm.');
    this.useEma = flag(className, 'useEma', options.useEma ?? false);
    this.emaMomentum = numberWithin(className, 'emaMomentum', options.emaMomentum ?? 0.99, 0, 1);
    this.emaOverwriteFrequency = count('emaOverwriteFrequency', 1);
    this.gradientAccumulationSteps = count('gradientAccumulationSteps', 2);
    if (options.name !== undefined && typeof options.name !== 'string')
      throw badArgument(className, `name must be a string; received ${shown(options.name)}.`);
    this.name = options.name ?? automaticName(className);
    this.#steps = this.#variable('iteration', () => tensor([0], { shape: [], dtype: 'int64' }));
    this.#rate = this.#rateOf(options.learningRate ?? learningRate);
  }

  /** How many updates there were, int64 []: with `gradientAccumulationSteps` fewer than calls of `apply`. */
  get iterations(): Tensor {
    const every = this.gradientAccumulationSteps;
    return every === null ? this.#steps : floorDiv(this.#steps, every);
  }

  /**
   * What the next update uses, float32 []; assign a number or a schedule to change it.
   *
   * @throws FoveaError `BAD_ARGUMENT` for a number where a schedule decides
   */
  get learningRate(): Tensor {
    return this.#rate instanceof Variable ? this.#rate : this.#rate(this.#steps.value);
  }

  set learningRate(value: number | Tensor | Schedule) {
    if (typeof value === 'function') {
      this.#rate = value;
      this.version++;
    } else if (this.#rate instanceof Variable) {
      this.#rate.assign(value instanceof Tensor ? value : this.#checked(value));
    } else {
      throw badArgument(
        this.name,
        'a schedule decides about the learning rate. Give the optimizer a number to begin with, or assign another schedule.',
      );
    }
  }

  /** Whether a schedule decides about the learning rate. */
  protected get scheduled(): boolean {
    return !(this.#rate instanceof Variable);
  }

  #checked(value: unknown): number {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw badArgument(this.name, `learningRate must be a number or a function of the step; received ${shown(value)}.`);
  }

  #rateOf(value: unknown): Variable | Schedule {
    if (typeof value === 'function') return value as Schedule;
    if (isSerialized(value)) return deserialize<Schedule>(value);
    const number = value instanceof Tensor ? value : this.#checked(value);
    const initial = () => (number instanceof Tensor ? number : tensor([number], { shape: [] }));
    return this.#variable('learning_rate', initial);
  }

  #variable(name: string, initial: () => Tensor): Variable {
    const variable = new Variable({ initial, name, trainable: false });
    variable.path = `${this.name}/${name}`;
    return variable;
  }

  /** The state: the step, the learning rate, then what is kept for each variable. */
  get variables(): readonly Variable[] {
    return [this.#steps, ...(this.#rate instanceof Variable ? [this.#rate] : []), ...this.#slots];
  }

  /** Whether the state for variables was made. */
  get built(): boolean {
    return this.#built;
  }

  /** Makes the state for variables; those that are known keep theirs. */
  build(variables: readonly Variable[]): void {
    const fresh = variables.filter((variable) => !this.#index.has(variable));
    for (const variable of fresh) this.#index.set(variable, this.#index.size);
    if (fresh.length > 0) {
      if (this.useEma) this.addSlots(fresh, 'average');
      if (this.gradientAccumulationSteps !== null) this.addSlots(fresh, 'gradient_accumulator');
      this.buildSlots(fresh);
    }
    this.#built = true;
  }

  /** Makes what the algorithm keeps for each variable, with `addSlots`. */
  protected buildSlots(_variables: readonly Variable[]): void {}

  /** Adds state of a variable's shape, zeros at first: all of `names` for each variable in turn. */
  protected addSlots(variables: readonly Variable[], ...names: string[]): void {
    for (const variable of variables) for (const name of names) this.addSlot(variable, name);
  }

  /** Adds state that belongs to a variable. */
  protected addSlot(variable: Variable, name: string, options: SlotOptions = {}): void {
    const { initial = 0, shape = variable.shape, path = `${variable.path.replaceAll('/', '_')}_${name}` } = options;
    const { dtype } = variable;
    const made = typeof initial === 'function' ? initial : () => full(shape, initial, { dtype });
    const slot = this.addVariable(path, made);
    const known = this.#bySlot.get(name) ?? new Map<Variable, Variable>();
    this.#bySlot.set(name, known.set(variable, slot));
  }

  /** Adds state of any other kind. */
  protected addVariable(name: string, initial: () => Tensor): Variable {
    const variable = this.#variable(name, initial);
    this.#slots.push(variable);
    return variable;
  }

  /** The state of a variable that `addSlots` made. */
  protected slot(name: string, variable: Variable): Variable {
    return this.#bySlot.get(name)!.get(variable)!;
  }

  /** The variables that there is state for. */
  protected get known(): readonly Variable[] {
    return [...this.#index.keys()];
  }

  /**
   * Keeps weight decay away from some variables: `excludeFromWeightDecay({ varNames: ['bias', 'gamma'] })`.
   *
   * @throws FoveaError `BAD_ARGUMENT` once the optimizer is built: steps may be compiled already
   */
  excludeFromWeightDecay(
    varList?: WeightDecayExclusion | readonly Tensor[] | null,
    varNames?: readonly string[],
  ): void {
    if (this.#built)
      throw badArgument(this.name, 'excludeFromWeightDecay must come before the optimizer is built, so before fit.');
    if (isRecord(varList)) unknownOption('excludeFromWeightDecay', varList, ['varList', 'varNames']);
    const given = (isRecord(varList) ? varList : { varList, varNames }) as WeightDecayExclusion;
    const list = new Set(given.varList ?? []);
    const names = given.varNames ?? [];
    const pattern = names.length > 0 ? new RegExp(names.join('|')) : null;
    this.#undecayed = (variable) => list.has(variable) || (pattern?.test(variable.name) ?? false);
  }

  /**
   * Changes variables by their gradients, in their order, clipped and decayed as the options say; then their
   * constraints. Builds first if necessary.
   *
   * @param variables those that it was built with, if left out
   * @throws FoveaError `BAD_ARGUMENT` unless there is one gradient for each variable
   */
  apply(gradients: readonly Tensor[], variables: readonly Variable[] = this.known): void {
    if (gradients.length !== variables.length)
      throw new FoveaError(
        'BAD_ARGUMENT',
        `${this.name}: apply takes one gradient for each variable; received ${gradients.length} for ${variables.length}.`,
        this.name,
      );
    if (variables.length === 0) return;
    this.build(variables);
    if (this.gradientAccumulationSteps === null) this.#update(gradients, variables);
    else this.#accumulate(gradients, variables, this.gradientAccumulationSteps);
    if (this.useEma) this.#average();
    for (const variable of variables) {
      if (variable.constraint !== null) variable.assign(variable.constraint(variable));
    }
    this.#steps.assign(add(this.#steps, 1));
  }

  #update(gradients: readonly Tensor[], variables: readonly Variable[]): void {
    const clipped = this.#clip(gradients);
    const rate = cast(this.learningRate, 'float32');
    for (const variable of variables) {
      const decay = this.#undecayed(variable) ? null : this.decayOf(variable);
      if (decay !== null) variable.assign(sub(variable, mul(mul(variable, decay), rate)));
    }
    const update = this.prepare(rate);
    for (const [i, variable] of variables.entries()) this.updateStep(clipped[i]!, variable, update);
  }

  /** One update for the mean gradient of several steps; the others leave everything but the sums as it was. */
  #accumulate(gradients: readonly Tensor[], variables: readonly Variable[], every: number): void {
    const due = equal(mod(add(this.#steps, 1), every), 0);
    const sums = variables.map((variable) => this.slot('gradient_accumulator', variable));
    const kept = new Set([...sums, ...(this.useEma ? this.known.map((v) => this.slot('average', v)) : [])]);
    const state = [...variables, ...this.#slots.filter((slot) => !kept.has(slot))];
    const before = state.map((variable) => variable.value);
    const totals = gradients.map((gradient, i) => add(gradient, sums[i]!));
    this.#update(
      totals.map((total) => div(total, every)),
      variables,
    );
    for (const [i, variable] of state.entries()) {
      const after = variable.value;
      if (after !== before[i]) variable.assign(where(due, after, before[i]!));
    }
    for (const [i, sum] of sums.entries()) sum.assign(where(due, 0, totals[i]!));
  }

  /** Takes the weights into their averages; with the first update those begin. */
  #average(): void {
    const { emaMomentum, emaOverwriteFrequency, iterations } = this;
    const momentum = mul(cast(notEqual(iterations, 0), 'float32'), emaMomentum);
    for (const variable of this.known) {
      const average = this.slot('average', variable);
      average.assign(add(mul(momentum, average), mul(sub(1, momentum), variable)));
    }
    if (emaOverwriteFrequency === null) return;
    const due = equal(mod(add(iterations, 1), emaOverwriteFrequency), 0);
    for (const variable of this.known) variable.assign(where(due, this.slot('average', variable), variable));
  }

  /** Gives variables their moving averages, with `useEma`. `fit` does so at its end. */
  finalizeVariableValues(variables: readonly Variable[] = this.known): void {
    if (!this.useEma) return;
    for (const variable of variables) if (this.#index.has(variable)) variable.assign(this.slot('average', variable));
  }

  /** @internal Exchanges variables and their moving averages; or only gives the averages the variables' values. */
  swapAverages(finalize = false): void {
    if (!this.useEma)
      throw badArgument('SwapEMAWeights', `needs an optimizer with useEma: true; ${this.name} has none.`);
    for (const variable of this.known) {
      const average = this.slot('average', variable);
      const value = variable.value;
      if (!finalize) variable.assign(average.value);
      average.assign(value);
    }
  }

  #clip(gradients: readonly Tensor[]): readonly Tensor[] {
    if (this.clipnorm) return gradients.map((g) => clipByNorm(g, this.clipnorm!));
    if (this.clipvalue) return gradients.map((g) => clipByValue(g, this.clipvalue!));
    return this.globalClipnorm ? clipByGlobalNorm(gradients, this.globalClipnorm) : gradients;
  }

  /** How much weight decay a variable gets, `null` for none. */
  protected decayOf(_variable: Variable): number | null {
    return this.weightDecay;
  }

  /** The step size of one `apply`, from the learning rate: what all variables share is computed once. */
  protected prepare(learningRate: Tensor): Tensor {
    return learningRate;
  }

  /** The number of this update, from 1, and those after it: float32 []. */
  protected updateNumber(later = 0): Tensor {
    return cast(add(this.iterations, 1 + later), 'float32');
  }

  /** Changes one variable; `rate` is what `prepare` gave. */
  abstract updateStep(gradient: Tensor, variable: Variable, rate: Tensor): void;

  /** The options that make an equal optimizer, with the learning rate it began with or was last set to. */
  getConfig(): object {
    const { name, weightDecay, clipnorm, globalClipnorm, clipvalue } = this;
    const { useEma, emaMomentum, emaOverwriteFrequency, gradientAccumulationSteps } = this;
    const learningRate = this.#rate instanceof Variable ? this.#rate.dataSync()[0]! : savable(this.#rate);
    const clipping = { clipnorm, globalClipnorm, clipvalue };
    const averaging = { useEma, emaMomentum, emaOverwriteFrequency };
    return { name, learningRate, weightDecay, ...clipping, ...averaging, gradientAccumulationSteps };
  }

  /** An optimizer from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<O>(this: new (options: any) => O, config: OptimizerOptions, customObjects?: CustomObjects): O {
    const { learningRate: given, ...rest } = config;
    const learningRate = isSerialized(given) ? deserialize<Schedule>(given, customObjects) : given;
    return new this({ ...rest, learningRate });
  }

  /** The name. */
  toString(): string {
    return this.name;
  }
}
