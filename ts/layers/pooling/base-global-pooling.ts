import { flag } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkSpace } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type CallOptions, type LayerOptions, layerOptions } from '../options.ts';

/** Options of global max and average pooling. */
export interface GlobalPoolingOptions extends LayerOptions {
  /** Keeps the axes that are reduced as sides of 1; `false` if left out. */
  keepdims?: boolean | undefined;
}

/** Reduces each channel to one value. */
export abstract class BaseGlobalPooling extends Layer {
  readonly keepdims: boolean;
  readonly #kind: 'max' | 'mean';
  readonly #axes: readonly number[];

  constructor(where: string, kind: 'max' | 'mean', axes: number, options: GlobalPoolingOptions | undefined) {
    const read = readOptions<GlobalPoolingOptions>(where, ['keepdims', ...layerOptions], [options]);
    super(read);
    this.keepdims = flag(where, 'keepdims', read.keepdims ?? false);
    this.#kind = kind;
    this.#axes = Array.from({ length: axes }, (_, axis) => axis + 1);
    this.built = true;
  }

  override call(x: Tensor, _options: CallOptions): Tensor {
    checkSpace(this, x.shape, this.#axes.length);
    return apply('reduce', { kind: this.#kind, axes: this.#axes, keepdims: this.keepdims }, [x])[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), keepdims: this.keepdims };
  }
}
