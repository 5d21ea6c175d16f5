import { Callable, invoke } from '../callable.ts';
import { type DTypePolicy, policyOf } from '../dtype-policy.ts';
import { badArgument, FoveaError, flag, shown } from '../errors.ts';
import { unknownOption } from '../options.ts';
import type { SeedGenerator } from '../random/index.ts';
import { classNameOf, savable, serialize } from '../registry.ts';
import { get as getRegularizer, type RegularizerFunction } from '../regularizers/index.ts';
import { onOutput } from '../regularizers/on-output.ts';
import { autocasting, currentAutocast } from '../tensor/context.ts';
import { isFloat } from '../tensor/types.ts';
import type { DType, Shape, Tensor, Variable } from '../tensor.ts';
import { Trace, withOrigin } from '../trace.ts';
import { currentLayer, currentTraining, withinCall } from './context.ts';
import { converted } from './converted.ts';
import { nameTheLayer } from './explain.ts';
import { toKeras } from './keras.ts';
import { flattenMasks, type Mask, maskOf, masksOf, setMask } from './mask.ts';
import { automaticName } from './naming.ts';
import { flatten, mapNest } from './nest.ts';
import { type CallOptions, callOptions, type LayerOptions, type WeightOptions, type WeightValue } from './options.ts';
import { isFunctional, type LayerCall, record } from './record.ts';
import { shapesToTensors } from './stand-ins.ts';
import { fieldsOf, variablesBetween } from './tracking.ts';
import { LayerWeights, penaltiesOn } from './weights.ts';

/**
 * A part of a network with weights and a computation. An instance can be called: `layer(x)`, also on what
 * `Input` gives.
 *
 * A subclass has a `call`, makes its weights in `build`, and is savable with `getConfig`. In `fit` a `call` runs
 * once for each shape of its input and is compiled: use `random.*` and `where` in it, not `Math.random` and `if` on
 * values, or `compile({ runEagerly: true })`.
 *
 * @see https://keras.io/api/layers/base_layer/
 * @example
 * ```ts
 * import { type CallOptions, Layer, ones, type Shape, type Tensor, type Variable } from 'fovea';
 *
 * class Gain extends Layer {
 *   gain!: Variable;
 *   override build(inputShape: Shape) {
 *     this.gain = this.addWeight({ name: 'gain', shape: [inputShape.at(-1)], initializer: 'ones' });
 *   }
 *   override call(x: Tensor, { training }: CallOptions) {
 *     return training ? x.mul(this.gain) : x;
 *   }
 * }
 * const layer = new Gain();
 * console.log(await layer(ones([2, 3])).array(), layer.countParams());
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function
export abstract class Layer extends Callable {
  /** Unique within a model. */
  name: string;
  /** In which dtypes it computes and keeps its weights. */
  readonly dtypePolicy: DTypePolicy;
  /** @internal Whether float inputs, and float weights where they are read, are cast to what it computes in. */
  protected readonly autocast: boolean = true;
  /** Whether masks pass through the layer, or it makes one: then `computeMask` says the output's. */
  supportsMasking: boolean;
  /** @internal The input's shape that the first layer of a Sequential was given. */
  declare readonly inputShapeOption: Shape | undefined;
  /** @internal The calls on symbolic tensors. */
  declare readonly calls: LayerCall[];

  #trainable: boolean;
  #built = false;
  #called = false;
  #warned = false;
  #shapes: unknown;
  readonly #weights = new LayerWeights(this);
  #used = new Set<Layer>();
  #losses: Tensor[] = [];
  #activityRegularizer: RegularizerFunction | null;

  constructor(options: LayerOptions = {}) {
    super();
    const className = classNameOf(new.target);
    this.name = options.name ?? automaticName(className);
    if (typeof this.name !== 'string' || this.name === '' || this.name.includes('/')) {
      throw badArgument(className, `name must be a string without '/'; received ${shown(options.name)}.`);
    }
    this.dtypePolicy = policyOf(className, options.dtype);
    this.#trainable = flag(className, 'trainable', options.trainable ?? true);
    this.supportsMasking = new.target.prototype.computeMask !== Layer.prototype.computeMask;
    this.#activityRegularizer = getRegularizer(options.activityRegularizer, `${className}: activityRegularizer`);
    const hidden = {
      inputShapeOption: options.inputShape,
      calls: [],
      build: this.#builder(new.target.prototype.build),
    };
    for (const [name, value] of Object.entries(hidden)) Object.defineProperty(this, name, { value });
  }

  /** Computes the output. Called through the instance: `layer(x, { training: true })`. `training` is always given. */
  // biome-ignore lint/suspicious/noExplicitAny: the subclass says what goes in and comes out
  abstract call(x: any, options: CallOptions): any;

  /** The mask of the output (of each output, as it is nested); by default the input's. Asked if `supportsMasking`. */
  // biome-ignore lint/suspicious/noExplicitAny: what goes into `call`
  computeMask(_input: any, mask: Mask): Mask {
    return mask;
  }

  /** Makes the weights for inputs of a shape (of shapes, as the input is nested). Runs before the first call. */
  // biome-ignore lint/suspicious/noExplicitAny: one shape or a nest of them
  build(_inputShape: any): void {}

  /** The class and the name, as messages show them. */
  override toString(): string {
    return `${this.typeName} "${this.name}"`;
  }

  /** @internal What summaries show as the type. */
  get typeName(): string {
    return classNameOf(this.constructor as typeof Layer);
  }

  /** What its computations give. */
  get computeDtype(): DType {
    return this.dtypePolicy.computeDtype;
  }

  /** What weights hold. */
  get variableDtype(): DType {
    return this.dtypePolicy.variableDtype;
  }

  /** What weights hold. */
  get dtype(): DType {
    return this.variableDtype;
  }

  /** What float inputs are cast to. */
  get inputDtype(): DType {
    return this.computeDtype;
  }

  /** Whether the weights are there. */
  get built(): boolean {
    return this.#built;
  }

  protected set built(value: boolean) {
    this.#built = value;
  }

  /** Whether training may change the weights, those of sublayers too. */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    this.#trainable = value;
    this.#weights.train(value);
    for (const layer of this.sublayers) layer.trainable = value;
  }

  /** @internal The layers among the fields, then those that `call` used. */
  get sublayers(): Layer[] {
    const fields = fieldsOf(this).parts.filter((part) => part instanceof Layer);
    return [...new Set([...fields, ...this.#used])];
  }

  /**
   * Makes a weight, in `build`.
   *
   * @throws FoveaError `NOT_BUILT` if a side of the shape is unknown, naming the axis
   */
  addWeight(options: WeightOptions): Variable {
    return this.#weights.add(options);
  }

  /** Makes a generator of this layer part of its state. */
  protected addSeedGenerator(generator: SeedGenerator): SeedGenerator {
    return this.#weights.addSeeds(generator);
  }

  /** Every weight: the own trainable ones, the own others, then those of the sublayers. */
  get weights(): Variable[] {
    return this.#weights.all;
  }

  /** The weights, and the state of random generators. */
  get variables(): Variable[] {
    return this.#weights.variables;
  }

  /** The weights that training changes; none while `trainable` is false. */
  get trainableVariables(): Variable[] {
    return this.#trainable ? this.#weights.trainable : [];
  }

  /** All other variables. */
  get nonTrainableVariables(): Variable[] {
    const trainable = new Set(this.trainableVariables);
    return this.variables.filter((variable) => !trainable.has(variable));
  }

  /** Snapshots of the weights, in the order of `weights`. */
  getWeights(): Tensor[] {
    return this.weights.map((weight) => weight.value);
  }

  /**
   * Replaces the weights.
   *
   * @throws FoveaError `SHAPE_MISMATCH` if the number or a shape differs; nothing is changed then
   */
  setWeights(values: readonly WeightValue[]): void {
    this.#weights.assign(values);
  }

  /** How many numbers the weights hold. Throws `NOT_BUILT` before there are any. */
  countParams(): number {
    if (!this.built) {
      throw new FoveaError('NOT_BUILT', `${this} has no weights yet: build it, or call it on data first.`, this.name);
    }
    return this.weights.reduce((sum, weight) => sum + weight.size, 0);
  }

  /** Adds a scalar to the loss of the call that runs now. */
  addLoss(loss: Tensor): void {
    this.#losses.push(loss);
  }

  /** What the last call added to the loss, then the penalties on weights; sublayers' too. */
  get losses(): Tensor[] {
    return [...this.#allLosses(), ...penaltiesOn(this.trainableVariables)];
  }

  #allLosses(): Tensor[] {
    return [...this.#losses, ...this.sublayers.flatMap((layer) => layer.#allLosses())];
  }

  #clearLosses(): void {
    this.#losses = [];
    for (const layer of this.sublayers) layer.#clearLosses();
  }

  /** The shape of the output (nested as the output is) for inputs of a shape. Builds the layer. */
  // biome-ignore lint/suspicious/noExplicitAny: one shape or a nest of them
  computeOutputShape(inputShape: any): any {
    const input = shapesToTensors(inputShape, String(this));
    this.#ensureBuilt(input);
    const { result } = Trace.run(() => this.#run(input, {}));
    this.#clearLosses();
    return mapNest(result, ({ shape }) => shape);
  }

  /** @internal The output's shape for the summary, `null` if nobody knows. */
  get knownOutputShape(): unknown {
    if (this.calls.length > 0) return mapNest(this.calls.at(-1)!.output, ({ shape }) => shape);
    return this.#shapes === undefined ? null : this.computeOutputShape(this.#shapes);
  }

  /** The symbolic input. Throws if there is none, or several: `inputs`. */
  get input(): Tensor {
    return this.#only('input', this.inputs);
  }

  /** The symbolic output. Throws if there is none, or several: `outputs`. */
  get output(): Tensor {
    return this.#only('output', this.outputs);
  }

  /** The symbolic inputs of all its calls. */
  get inputs(): readonly Tensor[] {
    return this.calls.flatMap((call) => call.inputs);
  }

  /** The symbolic outputs of all its calls. */
  get outputs(): readonly Tensor[] {
    return this.calls.flatMap((call) => call.outputs);
  }

  #only(what: string, tensors: readonly Tensor[]): Tensor {
    if (tensors.length === 1) return tensors[0]!;
    const sentence =
      tensors.length === 0
        ? `${this} has no ${what}: it was not called on a symbolic tensor yet.`
        : `${this} has ${tensors.length} ${what}s: use \`${what}s\`.`;
    throw new FoveaError(tensors.length === 0 ? 'NOT_BUILT' : 'BAD_ARGUMENT', sentence, this.name);
  }

  /** The options that make an equal layer. */
  getConfig(): object {
    return {
      name: this.name,
      trainable: this.#trainable,
      dtype: this.dtypePolicy.name,
      ...(this.#activityRegularizer === null ? {} : { activityRegularizer: savable(this.#activityRegularizer) }),
    };
  }

  /** A layer from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static fromConfig<L>(this: new (options: any) => L, config: object): L {
    return new this(config);
  }

  /** The layer in Keras's format. */
  toJSON(): object {
    return toKeras(serialize(this));
  }

  [invoke](input: unknown, options: CallOptions = {}): unknown {
    unknownOption(String(this), options, callOptions);
    const tensors = flatten(input);
    if (tensors.length === 0) {
      const hint = Array.isArray(input) || ArrayBuffer.isView(input) ? ' tensor(…) makes one of numbers.' : '';
      throw badArgument(String(this), `must be called on a tensor; received ${shown(input)}.${hint}`);
    }
    if (options.training !== undefined) flag(String(this), 'training', options.training);
    const caller = currentLayer();
    if (caller !== null) caller.#used.add(this);
    else this.#clearLosses();
    this.#ensureBuilt(input);
    if (![...tensors, ...flatten(options)].some(isFunctional)) return this.#run(input, options);
    const output = record(this, input, options, (standIn, known) => this.#run(standIn, known));
    this.#clearLosses();
    return output;
  }

  #run(input: unknown, options: CallOptions): unknown {
    this.#shapes ??= mapNest(input, ({ shape }) => shape);
    const first = !this.#called;
    this.#called = true;
    const training = options.training ?? currentTraining() ?? false;
    const mask = options.mask ?? masksOf(input);
    return this.#explained(input, () => {
      const given = { ...(this.#cast(options) as CallOptions), training, mask };
      const call = () => withinCall(this, training, () => this.call(this.#cast(input), given));
      const output = autocasting(this.#readAs(), call);
      if (flatten(output).length === 0)
        throw badArgument(String(this), `call must return a tensor, or tensors; it returned ${shown(output)}.`);
      if (first) this.#adopt(flatten(input), flatten(output));
      if (this.#activityRegularizer !== null) {
        for (const part of flatten(output)) this.addLoss(onOutput(this.#activityRegularizer, part));
      }
      this.#maskOutput(input, output, mask);
      return output;
    });
  }

  /** @internal Whether float inputs are cast to what it computes in: what casts its inputs by itself does not. */
  protected get convertsInputs(): boolean {
    return this.autocast && isFloat(this.inputDtype);
  }

  /** Inputs with floats in the dtype that it computes in, and the masks they had. */
  #cast(nest: unknown): unknown {
    if (!this.convertsInputs) return nest;
    const dtype = this.inputDtype;
    return mapNest(nest, (tensor) => (isFloat(tensor.dtype) ? converted(tensor, dtype) : tensor));
  }

  /** What its call reads float variables as: a layer of mixed precision, and every layer in one, says it for its own. */
  #readAs(): DType | null {
    const { computeDtype, variableDtype } = this;
    if (currentAutocast() === null && computeDtype === variableDtype) return null;
    return this.autocast && isFloat(computeDtype) ? computeDtype : null;
  }

  /** Attaches the output's masks, unless `call` did. */
  #maskOutput(input: unknown, output: unknown, mask: Mask): void {
    const outputs = flatten(output);
    const bare = outputs.filter((tensor) => maskOf(tensor) === null);
    if (this.supportsMasking && bare.length > 0) {
      const masks = flattenMasks(this.computeMask(input, mask));
      for (const [index, tensor] of outputs.entries()) {
        if (maskOf(tensor) === null) setMask(tensor, masks[index] ?? null);
      }
    } else if (mask !== null && bare.length === outputs.length && !this.#warned) {
      this.#warned = true;
      console.warn(`${this} does not support masks: the layers behind it see none.`);
    }
  }

  /** Makes variables that `call` used without a field for them part of the layer. */
  #adopt(inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    const known = new Set(this.variables);
    this.#weights.adopt(variablesBetween(inputs, outputs).filter((variable) => !known.has(variable)));
  }

  #ensureBuilt(input: unknown): void {
    if (!this.#built) this.buildFor(mapNest(input, ({ shape }) => shape));
  }

  /** @internal Builds because a call is about to come. */
  buildFor(shape: unknown): void {
    this.build(shape);
  }

  /** What stands in for the class's `build`: it runs once, and its errors name the layer. */
  #builder(build: (shape: unknown) => void): (shape: unknown) => void {
    return (shape) => {
      if (this.#built) return;
      const input = shape === undefined && build.length === 0 ? [] : shapesToTensors(shape, String(this));
      this.#explained(input, () => build.call(this, shape));
      this.#shapes = shape;
      this.#built = true;
    };
  }

  #explained<T>(input: unknown, fn: () => T): T {
    try {
      return withOrigin(this.name, fn);
    } catch (error) {
      throw nameTheLayer(this, input, error);
    }
  }

  /** @internal What a user reads instead of an op's shape error: by default its words, without its name. */
  explain(sentence: string, _inputs: readonly Tensor[]): string {
    return sentence;
  }
}

export interface Layer extends Callable {
  (x: Parameters<this['call']>[0], options?: CallOptions): ReturnType<this['call']>;
}
