import { badArgument, shown } from '../../errors.ts';
import {
  type CustomObjects,
  checkInstance,
  deserialize,
  isSerialized,
  type Serialized,
  serialize,
} from '../../registry.ts';
import { Layer } from '../layer.ts';
import type { LayerOptions } from '../options.ts';

/** Options of layers around another one. */
export interface WrapperOptions extends LayerOptions {
  /** The layer inside, or what `serialize` wrote of it. */
  layer?: Layer | Serialized | undefined;
}

/**
 * A layer around another one, whose weights are its own. A subclass has a `call` that uses `this.layer`.
 *
 * @throws FoveaError `BAD_ARGUMENT` without a layer
 * @see https://keras.io/api/layers/core_layers/
 */
export abstract class Wrapper extends Layer {
  /** The layer inside. */
  readonly layer: Layer;

  constructor(where: string, options: WrapperOptions) {
    super(options);
    checkInstance(where, options.layer);
    const inner: unknown = isSerialized(options.layer) ? deserialize(options.layer) : options.layer;
    if (!(inner instanceof Layer)) throw badArgument(where, `needs a layer to wrap; received ${shown(inner)}.`);
    this.layer = inner;
  }

  // biome-ignore lint/suspicious/noExplicitAny: one shape or a nest of them
  override build(inputShape: any): void {
    if (!this.layer.built) this.layer.buildFor(inputShape);
  }

  override getConfig(): object {
    return { ...super.getConfig(), layer: serialize(this.layer) };
  }

  /** A layer from what `getConfig` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: the options of any class
  static override fromConfig<L>(this: new (options: any) => L, config: object, customObjects?: CustomObjects): L {
    const { layer } = config as WrapperOptions;
    return new this(isSerialized(layer) ? { ...config, layer: deserialize(layer, customObjects) } : config);
  }
}
