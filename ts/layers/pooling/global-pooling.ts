import { flag } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { checkImages } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link GlobalMaxPooling2D} and {@link GlobalAveragePooling2D}. */
export interface GlobalPooling2DOptions extends LayerOptions {
  /** Keeps height and width as sides of 1; `false` if left out. */
  keepdims?: boolean | undefined;
}

/** Reduces each channel of an image to one value. */
abstract class GlobalPooling2D extends Layer {
  readonly keepdims: boolean;

  constructor(where: string, options: GlobalPooling2DOptions | undefined) {
    const read = readOptions<GlobalPooling2DOptions>(where, ['keepdims', ...layerOptions], [options]);
    super(read);
    this.keepdims = flag(where, 'keepdims', read.keepdims ?? false);
    this.built = true;
  }

  protected pool(kind: 'max' | 'mean', x: Tensor): Tensor {
    checkImages(this, x.shape);
    return apply('reduce', { kind, axes: [1, 2], keepdims: this.keepdims }, [x])[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), keepdims: this.keepdims };
  }
}

/**
 * The greatest value of each channel: [batch, height, width, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling2d/
 */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  static readonly className: string = 'GlobalMaxPooling2D';

  constructor(options?: GlobalPooling2DOptions) {
    super('GlobalMaxPooling2D', options);
  }

  override call(x: Tensor): Tensor {
    return this.pool('max', x);
  }
}

/**
 * The mean of each channel: [batch, height, width, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
 */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  static readonly className: string = 'GlobalAveragePooling2D';

  constructor(options?: GlobalPooling2DOptions) {
    super('GlobalAveragePooling2D', options);
  }

  override call(x: Tensor): Tensor {
    return this.pool('mean', x);
  }
}

/** Keras's other name of {@link GlobalMaxPooling2D}. */
export const GlobalMaxPool2D = GlobalMaxPooling2D;
/** Keras's other name of {@link GlobalMaxPooling2D}. */
export type GlobalMaxPool2D = GlobalMaxPooling2D;
/** Keras's other name of {@link GlobalAveragePooling2D}. */
export const GlobalAvgPool2D = GlobalAveragePooling2D;
/** Keras's other name of {@link GlobalAveragePooling2D}. */
export type GlobalAvgPool2D = GlobalAveragePooling2D;
