import { badArgument, FoveaError, shown } from '../errors.ts';
import { shapeHint, showShape } from '../layers/explain.ts';
import { type CallOptions, Layer, type Nest } from '../layers/index.ts';
import { flattenMasks, setMask } from '../layers/mask.ts';
import { automaticName } from '../layers/naming.ts';
import { byName, flatten } from '../layers/nest.ts';
import { isRecord, unknownOption } from '../options.ts';
import { type CustomObjects, classNameOf } from '../registry.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { Trainer } from '../training/trainer.ts';
import { type FunctionalConfig, functionalConfig, graphFromConfig } from './config.ts';
import { Graph } from './graph.ts';
import { printSummary, type SummaryOptions } from './summary.ts';

/** Options that every model knows. */
export interface ModelOptions {
  /** Automatic if left out: the class in snake case, numbered. */
  name?: string | undefined;
  /** Whether training may change the weights, `true` if left out. */
  trainable?: boolean | undefined;
}

/** The names of {@link ModelOptions}. */
export const modelOptions = ['name', 'trainable'] as const;

/** A functional model: everything between its inputs and its outputs. */
export interface FunctionalOptions<In, Out> extends ModelOptions {
  /** What `Input` gave: a tensor, or an array or a record of them. */
  inputs: In;
  /** What layers and ops made of the inputs, nested as `predict` shall give it. */
  outputs: Out;
}

/**
 * A network that can be trained. Functional: `new Model({ inputs, outputs })` or `new Model(inputs,
 * outputs)` with symbolic tensors; subclassed: with a `call` of its own. Inputs and outputs may be tensors, arrays or
 * records of them; `predict` gives what the outputs are.
 *
 * @throws FoveaError `BAD_ARGUMENT` if the outputs do not lead back to the inputs, or two layers have one name
 * @see https://keras.io/api/models/model/
 * @example
 * ```ts
 * import { Input, Model, zeros } from 'fovea';
 * import { Add, Conv2D, Dense, GlobalAveragePooling2D } from 'fovea/layers';
 *
 * const image = Input([32, 32, 3]);
 * const x = new Conv2D(16, 3, { padding: 'same', activation: 'relu' })(image);
 * const y = new Conv2D(16, 3, { padding: 'same' })(x);
 * const features = new GlobalAveragePooling2D()(new Add()([x, y]));
 * const outputs = { kind: new Dense(10, 'softmax')(features), size: new Dense(1)(features) };
 * const model = new Model(image, outputs, { name: 'things' });
 * model.summary();
 * const { kind, size } = await model.predict(zeros([2, 32, 32, 3]));
 * console.log(kind.shape, size.shape);
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: a subclass that says nothing takes anything
export class Model<In extends Nest = any, Out extends Nest = any> extends Trainer {
  static readonly className: string = 'Functional';

  #graph: Graph | null = null;

  constructor(inputs?: In | FunctionalOptions<In, Out> | ModelOptions, outputs?: Out, options?: ModelOptions) {
    const read = readArguments(inputs, outputs, options);
    const own = new.target as typeof Model;
    const named = read.name ?? automaticName(classNameOf(own));
    super({ name: named, trainable: read.trainable });
    if (read.inputs !== undefined) this.setGraph(read.inputs, read.outputs);
  }

  /** @internal The record of a functional model, `null` if there is none (yet). */
  get graph(): Graph | null {
    return this.#graph;
  }

  /** @internal Makes this the model between symbolic inputs and outputs; `undefined` takes that back. */
  protected setGraph(inputs: unknown, outputs: unknown): void {
    this.#graph = inputs === undefined ? null : new Graph(String(this), inputs, outputs);
    this.built = this.#graph !== null;
    this.training.forget();
  }

  /** @internal A functional model casts each input to the dtype of its own. */
  protected override get convertsInputs(): boolean {
    return this.#graph === null && super.convertsInputs;
  }

  override call(x: In, { mask }: CallOptions): Out {
    const { graph } = this;
    if (graph === null) {
      throw new FoveaError('NOT_BUILT', `${this} has no call, and no inputs and outputs to replay.`, this.name);
    }
    const inputs = this.#matched(graph, x);
    const masks = flattenMasks(mask);
    for (const [index, input] of inputs.entries()) setMask(input, masks[index] ?? null);
    return graph.run(inputs) as Out;
  }

  /** The given inputs in the order of the model's, of their dtypes. */
  #matched(graph: Graph, x: unknown): Tensor[] {
    const named = isRecord(x) && !isRecord(graph.inputNest);
    const given = named ? this.#byName(x) : flat(x, graph.inputNest, String(this));
    if (given.length !== graph.inputs.length) {
      throw badArgument(
        String(this),
        `expected ${graph.inputs.length} inputs, received ${given.length}.${graph.inputs.length === 1 ? ' Samples go into one tensor: ops.stack(samples).' : ''}`,
      );
    }
    return given.map((tensor, index) => {
      const wanted = graph.inputs[index]!;
      this.#checkInput(wanted, tensor.shape);
      return tensor.dtype === wanted.dtype ? tensor : tensor.cast(wanted.dtype);
    });
  }

  /** The inputs of a record, in the order of the model's. */
  #byName(given: Record<string, unknown>): Tensor[] {
    return this.inputNames.flatMap((name) => {
      if (name in given) return flatten(given[name]);
      throw badArgument(String(this), `input '${name}' is missing; received ${Object.keys(given).join(', ')}.`);
    });
  }

  #checkInput(wanted: Tensor, shape: Shape): void {
    const fits = wanted.shape.every((side, axis) => side === null || shape[axis] === null || side === shape[axis]);
    if (fits && wanted.rank === shape.length) return;
    throw new FoveaError(
      'SHAPE_MISMATCH',
      `${this}: expected an input ${showShape(wanted.shape)}, received ${showShape(shape)}.${shapeHint(wanted.shape, shape)}`,
      this.name,
    );
  }

  /** @internal A subclass makes its weights in its first call, not before. */
  override buildFor(shape: unknown): void {
    if (this.build === Model.prototype.build) this.built = true;
    else super.buildFor(shape);
  }

  /** The layers in Keras's order: by depth, then as the model met them; a subclass's as its fields. */
  get layers(): Layer[] {
    return this.sublayers;
  }

  /** @internal */
  override get sublayers(): Layer[] {
    return [...new Set([...(this.#graph?.layers ?? []), ...super.sublayers])];
  }

  override get inputs(): readonly Tensor[] {
    return this.#graph?.inputs ?? super.inputs;
  }

  override get outputs(): readonly Tensor[] {
    return this.#graph?.outputs ?? super.outputs;
  }

  /** The names of the inputs: those of their Inputs, or the keys of a record. */
  get inputNames(): string[] {
    if (this.#graph === null) return [];
    return namesOf(this.#graph.inputNest, this.#graph.inputs, this.#graph);
  }

  /** The names of the outputs: those of the layers that make them, or the keys of a record. */
  override get outputNames(): string[] {
    if (this.#graph === null) return [];
    return namesOf(this.#graph.outputNest, this.#graph.outputs, this.#graph);
  }

  /**
   * A layer by its name or its index in `layers`; with a class also its type.
   *
   * @throws FoveaError `BAD_ARGUMENT` if there is none, or it is of another class
   */
  getLayer(nameOrIndex: string | number): Layer;
  // biome-ignore lint/suspicious/noExplicitAny: constructors of every signature
  getLayer<L extends Layer>(nameOrIndex: string | number, Class: abstract new (...args: any[]) => L): L;
  getLayer(nameOrIndex: string | number, Class: abstract new (...args: never[]) => Layer = Layer): Layer {
    const { layers } = this;
    const found =
      typeof nameOrIndex === 'number' ? layers.at(nameOrIndex) : layers.find((layer) => layer.name === nameOrIndex);
    if (found === undefined) {
      const names = layers.map((layer) => layer.name).join(', ');
      throw badArgument(String(this), `has no layer ${shown(nameOrIndex)}; its layers: ${names}.`);
    }
    if (found instanceof Class) return found;
    throw badArgument(String(this), `layer ${shown(nameOrIndex)} is ${found}, not a ${classNameOf(Class)}.`);
  }

  /** Prints the layers with their output shapes and numbers of weights, as Keras does. */
  summary(options: SummaryOptions = {}): void {
    printSummary(this, options);
  }

  /** Gives the memory of all variables back before the garbage collector would. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  override getConfig(): object {
    const base = { name: this.name, trainable: this.trainable };
    return this.#graph === null ? base : { ...base, ...functionalConfig(this.#graph) };
  }

  /** A model from what `getConfig` returned, with new weights. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of any subclass
  static override fromConfig<L>(this: new (...args: any[]) => L, config: object, customObjects?: CustomObjects): L {
    if (!('inputLayers' in config)) return new this(config);
    const { name, trainable, ...functional } = config as FunctionalConfig & ModelOptions;
    const { inputs, outputs } = graphFromConfig(functional, customObjects);
    return new this(inputs, outputs, { name, trainable });
  }
}

interface Arguments extends ModelOptions {
  inputs?: unknown;
  outputs?: unknown;
}

function readArguments(inputs: unknown, outputs: unknown, options: ModelOptions = {}): Arguments {
  unknownOption('Model', options, modelOptions);
  if (outputs !== undefined) return { inputs, outputs, ...options };
  if (inputs === undefined) return options;
  if (isRecord(inputs)) {
    unknownOption('Model', inputs, ['inputs', 'outputs', ...modelOptions]);
    const { inputs: from, outputs: to, name, trainable } = inputs as Arguments;
    if ((from === undefined) === (to === undefined)) return { inputs: from, outputs: to, name, trainable };
  }
  throw badArgument('Model', 'needs inputs and outputs: new Model({ inputs, outputs }) or new Model(inputs, outputs).');
}

/** The tensors of an argument in the order of a nest of inputs; records go by name. */
function flat(given: unknown, wanted: unknown, where: string): Tensor[] {
  if (isRecord(wanted) && isRecord(given)) {
    return byName(wanted).flatMap(([name, part]) => {
      if (name in given) return flat(given[name], part, where);
      throw badArgument(where, `input '${name}' is missing; received ${Object.keys(given).join(', ')}.`);
    });
  }
  return flatten(given);
}

function namesOf(nest: unknown, tensors: readonly Tensor[], graph: Graph): string[] {
  if (isRecord(nest)) return byName(nest).map(([name]) => name);
  return tensors.map((tensor) => graph.calls.find((call) => call.outputs.includes(tensor))?.layer.name ?? '');
}
