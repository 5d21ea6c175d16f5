import { adaptivePooling, type PoolKind } from '../../ops/spatial.ts';
import { type ListBeside, readOptions, sizesOf } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of adaptive max and average pooling. */
export interface AdaptivePoolingOptions extends LayerOptions {
  /** How many windows there are: one number, or one for each axis. */
  outputSize?: number | readonly number[] | undefined;
}

/** What constructors of adaptive pooling layers take: Keras's leading parameters, then options. */
export type AdaptivePoolingArguments = [
  outputSize: number | ListBeside<AdaptivePoolingOptions> | AdaptivePoolingOptions,
  options?: AdaptivePoolingOptions,
];

/** Reduces each of so many windows, which share the axes evenly, to one value in each channel. */
export abstract class BaseAdaptivePooling extends Layer {
  readonly outputSize: readonly number[];
  readonly #kind: PoolKind;

  constructor(where: string, kind: PoolKind, axes: number, args: readonly unknown[]) {
    const read = readOptions<AdaptivePoolingOptions>(where, ['outputSize', ...layerOptions], args);
    super(read);
    this.outputSize = sizesOf(where, 'outputSize', read.outputSize, axes);
    this.#kind = kind;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    checkSpace(this, x.shape, this.outputSize.length);
    return adaptivePooling(this.#kind, x, this.outputSize);
  }

  override getConfig(): object {
    return { ...super.getConfig(), outputSize: this.outputSize };
  }
}
