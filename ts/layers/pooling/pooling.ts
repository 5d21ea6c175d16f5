import { oneOf } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { type ListBeside, readOptions, sizes } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { type Padding, paddings } from '../convolutional/conv2d.ts';
import { checkImages, showShape } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link MaxPooling2D} and {@link AveragePooling2D}. */
export interface Pooling2DOptions extends LayerOptions {
  /** Height and width of the window, 2 if left out. */
  poolSize?: number | readonly number[] | undefined;
  /** The pool size if left out: windows side by side. */
  strides?: number | readonly number[] | null | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
}

const names = ['poolSize', 'strides', 'padding', ...layerOptions] as const;

type Size = number | ListBeside<Pooling2DOptions> | Pooling2DOptions;

/** Reduces each window of an image to one value. */
abstract class Pooling2D extends Layer {
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;

  constructor(where: string, args: readonly unknown[]) {
    const read = readOptions<Pooling2DOptions>(where, names, args);
    super(read);
    this.poolSize = sizes(where, 'poolSize', read.poolSize ?? 2);
    this.strides = sizes(where, 'strides', read.strides ?? this.poolSize);
    this.padding = oneOf(where, 'padding', read.padding ?? 'valid', paddings);
    this.built = true;
  }

  protected pool(op: 'maxPool2d' | 'avgPool2d', x: Tensor): Tensor {
    checkImages(this, x.shape);
    const { poolSize, strides, padding } = this;
    return apply(op, { poolSize, strides, padding }, [x])[0]!;
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

/**
 * The greatest value of each window.
 *
 * Input [batch, height, width, channels], output [batch, height', width', channels]. Windows are 2×2 and lie side by
 * side unless said otherwise.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images or smaller than the window
 * @see https://keras.io/api/layers/pooling_layers/max_pooling2d/
 */
export class MaxPooling2D extends Pooling2D {
  static readonly className: string = 'MaxPooling2D';

  constructor(
    poolSize?: Size,
    strides?: Size | null,
    padding?: Padding | Pooling2DOptions,
    options?: Pooling2DOptions,
  ) {
    super('MaxPooling2D', [poolSize, strides ?? undefined, padding, options]);
  }

  override call(x: Tensor): Tensor {
    return this.pool('maxPool2d', x);
  }
}

/**
 * The mean of each window; padding does not count.
 *
 * Input [batch, height, width, channels], output [batch, height', width', channels]. Windows are 2×2 and lie side by
 * side unless said otherwise.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images or smaller than the window
 * @see https://keras.io/api/layers/pooling_layers/average_pooling2d/
 */
export class AveragePooling2D extends Pooling2D {
  static readonly className: string = 'AveragePooling2D';

  constructor(
    poolSize?: Size,
    strides?: Size | null,
    padding?: Padding | Pooling2DOptions,
    options?: Pooling2DOptions,
  ) {
    super('AveragePooling2D', [poolSize, strides ?? undefined, padding, options]);
  }

  override call(x: Tensor): Tensor {
    return this.pool('avgPool2d', x);
  }
}

/** Keras's other name of {@link MaxPooling2D}. */
export const MaxPool2D = MaxPooling2D;
/** Keras's other name of {@link MaxPooling2D}. */
export type MaxPool2D = MaxPooling2D;
/** Keras's other name of {@link AveragePooling2D}. */
export const AvgPool2D = AveragePooling2D;
/** Keras's other name of {@link AveragePooling2D}. */
export type AvgPool2D = AveragePooling2D;
