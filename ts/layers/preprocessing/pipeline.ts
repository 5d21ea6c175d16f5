import { badArgument, shown } from '../../errors.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import { type CustomObjects, deserialize, isSerialized, type Serialized, serialize } from '../../registry.ts';
import type { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import type { CallOptions, LayerOptions } from '../options.ts';

/** Options of {@link Pipeline}. */
export interface PipelineOptions {
  /** The layers, or what `serialize` made of them. */
  layers?: readonly (Layer | Serialized)[] | undefined;
  /** Automatic if left out. */
  name?: LayerOptions['name'];
}

/**
 * Layers one after the other, as in a chain of augmentations; in training and outside as each of them does.
 *
 * @throws FoveaError `BAD_ARGUMENT` for what is no list of layers
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/pipeline/
 */
export class Pipeline extends Layer {
  static readonly className: string = 'Pipeline';
  /** The layers, first to last. */
  readonly layers: readonly Layer[];

  constructor(layers: ListBeside<PipelineOptions, Layer | Serialized> | PipelineOptions, options?: PipelineOptions) {
    const read = readOptions<PipelineOptions>('Pipeline', ['layers', 'name'], [layers, options]);
    super(read.name === undefined ? {} : { name: read.name });
    const list: unknown = read.layers;
    if (!Array.isArray(list))
      throw badArgument('Pipeline', `layers must be a list of layers; received ${shown(list)}.`);
    const made = list.map((layer) => (isSerialized(layer) ? deserialize<Layer>(layer) : layer));
    const wrong = made.find((layer) => !(layer instanceof Layer));
    if (wrong !== undefined) throw badArgument('Pipeline', `layers must be layers; received ${shown(wrong)}.`);
    this.layers = made;
  }

  /** A pipeline from what `getConfig` returned. */
  static override fromConfig<L>(
    this: new (
      options: PipelineOptions,
    ) => L,
    config: PipelineOptions,
    customObjects?: CustomObjects,
  ): L {
    const layers = config.layers?.map((layer) =>
      isSerialized(layer) ? deserialize<Layer>(layer, customObjects) : layer,
    );
    return new this({ ...config, layers });
  }

  override call(x: Tensor, { training }: CallOptions): Tensor {
    return this.layers.reduce<Tensor>((y, layer) => layer(y, { training }), x);
  }

  override getConfig(): object {
    return { layers: this.layers.map(serialize), name: this.name };
  }
}
