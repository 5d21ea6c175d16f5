import { oneOf } from '../../errors.ts';
import { type PoolKind, pooling } from '../../ops/spatial.ts';
import { readOptions, sizesOf } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import type { SizesOr } from '../convolutional/base-conv.ts';
import { type Padding, paddings } from '../convolutional/window.ts';
import { checkSpace, showShape } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of max and average pooling. */
export interface PoolingOptions extends LayerOptions {
  /** The window's sides: one number, or one for each axis; 2 if left out. */
  poolSize?: number | readonly number[] | undefined;
  /** How far windows are apart; the pool size if left out: windows side by side. */
  strides?: number | readonly number[] | null | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
}

const names = ['poolSize', 'strides', 'padding', ...layerOptions] as const;

/** What constructors of pooling layers take: Keras's leading parameters, then options. */
export type PoolingArguments = [
  poolSize?: SizesOr<PoolingOptions>,
  strides?: SizesOr<PoolingOptions> | null,
  padding?: Padding | PoolingOptions,
  options?: PoolingOptions,
];

/** Reduces each window to one value, in each channel. */
export abstract class BasePooling extends Layer {
  readonly #kind: PoolKind;
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;

  constructor(where: string, kind: PoolKind, axes: number, args: readonly unknown[]) {
    const read = readOptions<PoolingOptions>(where, names, args);
    super(read);
    this.#kind = kind;
    this.poolSize = sizesOf(where, 'poolSize', read.poolSize ?? 2, axes);
    this.strides = sizesOf(where, 'strides', read.strides ?? this.poolSize, axes);
    this.padding = oneOf(where, 'padding', read.padding ?? 'valid', paddings);
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    const { poolSize, strides, padding } = this;
    checkSpace(this, x.shape, poolSize.length);
    return pooling(this.#kind, x, { poolSize, strides, padding });
  }

  /** @internal */
  override explain(sentence: string, inputs: readonly Tensor[]): string {
    if (!sentence.includes('does not fit')) return sentence;
    return (
      `pool ${this.poolSize.join('×')} does not fit into its input ${showShape(inputs[0]!.shape)} with ` +
      `padding '${this.padding}'. Use padding 'same', a smaller pool, or fewer pooling layers before it.`
    );
  }

  override getConfig(): object {
    const { poolSize, strides, padding } = this;
    return { ...super.getConfig(), poolSize, strides, padding };
  }
}
