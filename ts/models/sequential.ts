import { badArgument, FoveaError, shown } from '../errors.ts';
import { Input, InputLayer, Layer } from '../layers/index.ts';
import { unknownOption } from '../options.ts';
import { type CustomObjects, checkInstance, deserialize, provide, type Serialized, serialize } from '../registry.ts';
import { type Shape, Tensor } from '../tensor.ts';
import { Model, type ModelOptions, modelOptions } from './model.ts';
import { sourceOf } from './op-layer.ts';

/** What a Sequential is made of: layers, and at the front perhaps an `Input`. */
export type SequentialItem = Layer | Tensor;

/** The config of a {@link Sequential}. */
interface SequentialConfig extends ModelOptions {
  layers: Serialized[];
  buildInputShape?: Shape;
}

/**
 * Layers one after the other. Built at once if it begins with an `Input` or a layer with `inputShape`,
 * else by its first data.
 *
 * @throws FoveaError `BAD_ARGUMENT` for what is no layer, a layer with several outputs, or two layers of one name
 * @see https://keras.io/api/models/sequential/
 */
export class Sequential extends Model<Tensor, Tensor> {
  static override readonly className: string = 'Sequential';

  readonly #stack: Layer[] = [];

  constructor(layers: readonly SequentialItem[] | ModelOptions = [], options: ModelOptions = {}) {
    const named = Array.isArray(layers) ? options : (layers as ModelOptions);
    unknownOption('Sequential', named, modelOptions);
    super({ name: named.name, trainable: named.trainable });
    if (Array.isArray(layers)) for (const layer of layers) this.#push(layer);
    this.#connect();
  }

  /** Puts a layer at the end. */
  add(layer: SequentialItem): this {
    this.#push(layer);
    this.#connect();
    return this;
  }

  /** Takes the last layer away. */
  pop(): Layer | undefined {
    const layer = this.#stack.pop();
    this.setGraph(undefined, undefined);
    this.#connect();
    return layer;
  }

  #push(item: SequentialItem): void {
    checkInstance(String(this), item);
    const layer = item instanceof Tensor ? sourceOf(item)?.call.layer : item;
    if (!(layer instanceof Layer) || (item instanceof Tensor && !(layer instanceof InputLayer))) {
      throw badArgument(String(this), `takes layers, and an Input at the front; received ${shown(item)}.`);
    }
    if (layer instanceof InputLayer && this.#stack.length > 0) {
      throw badArgument(String(this), 'an Input can only stand at the front.');
    }
    const twin = this.#stack.find(({ name }) => name === layer.name);
    if (twin !== undefined) {
      throw badArgument(String(this), `${twin} and ${layer} have one name. Give one of them another: { name: '…' }.`);
    }
    if (this.#stack.length === 0 && layer.inputShapeOption !== undefined) {
      this.#stack.push(sourceOf(Input(layer.inputShapeOption))!.call.layer);
    }
    this.#stack.push(layer);
  }

  /** Calls the layers that were not called yet, if the input is known. */
  #connect(): void {
    const [first, ...rest] = this.#stack;
    if (first === undefined) return;
    const start =
      first instanceof InputLayer ? first.output : first instanceof Model && first.graph ? first.input : null;
    if (start === null || this.#stack.length < 2) return;
    const layers = first instanceof InputLayer ? rest : this.#stack;
    const done = this.graph === null ? [] : this.graph.calls.map(({ layer }) => layer);
    let x = this.graph?.outputs[0] ?? start;
    for (const layer of layers) if (!done.includes(layer)) x = this.#next(layer, x);
    this.setGraph(start, x);
  }

  #next(layer: Layer, x: Tensor): Tensor {
    const y: unknown = layer(x);
    if (y instanceof Tensor) return y;
    throw badArgument(String(this), `${layer} has several outputs: use new Model({ inputs, outputs }).`);
  }

  override get layers(): Layer[] {
    return this.#stack.filter((layer) => !(layer instanceof InputLayer));
  }

  /** @internal */
  override get sublayers(): Layer[] {
    return [...this.#stack];
  }

  /** Makes the weights for inputs of a shape, whose batch side does not count. */
  override build(inputShape: Shape): void {
    if (this.layers.length === 0) {
      throw new FoveaError('NOT_BUILT', `${this}: there are no layers yet: call add(layer).`, this.name);
    }
    const [, ...sides] = inputShape;
    const dtype = this.layers[0]!.computeDtype;
    this.#stack.unshift(sourceOf(Input(sides, { dtype }))!.call.layer);
    this.#connect();
  }

  /** @internal */
  override buildFor(shape: unknown): void {
    this.build(shape as Shape);
  }

  override getConfig(): object {
    const layers = this.#stack.map((layer) => serialize(layer));
    const shape = this.graph?.inputs[0]?.shape;
    return { name: this.name, trainable: this.trainable, layers, ...(shape && { buildInputShape: shape }) };
  }

  /** A model from what `getConfig` returned, with new weights. */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of any subclass
  static override fromConfig<L>(this: new (...args: any[]) => L, config: object, customObjects?: CustomObjects): L {
    const { layers, name, trainable } = config as SequentialConfig;
    return new this(
      layers.map((layer) => deserialize<Layer>(layer, customObjects)),
      { name, trainable },
    );
  }
}

provide('keras', () => ({ Model, Sequential }));
