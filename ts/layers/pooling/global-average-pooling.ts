import { cast, expandDims, sum, where } from '../../ops/index.ts';
import { Tensor } from '../../tensor.ts';
import type { Mask } from '../mask.ts';
import type { CallOptions } from '../options.ts';
import { BaseGlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.ts';

/**
 * The mean of each channel of sequences: [batch, steps, channels] to [batch, channels].
 * With a mask, `layer(x, { mask })` [batch, steps], what it hides does not count.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of sequences
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling1d/
 */
export class GlobalAveragePooling1D extends BaseGlobalPooling {
  static readonly className: string = 'GlobalAveragePooling1D';

  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling1D', 'mean', 1, options);
    this.supportsMasking = true;
  }

  override call(x: Tensor, options: CallOptions): Tensor {
    const { mask } = options;
    if (!(mask instanceof Tensor)) return super.call(x, options);
    const kept = expandDims(cast(mask, 'bool'), -1);
    const { keepdims } = this;
    const total = sum(where(kept, x, 0), 1, { keepdims });
    return total.div(sum(cast(kept, x.dtype), 1, { keepdims }));
  }

  override computeMask(_input: Tensor, _mask: Mask): Mask {
    return null;
  }
}

/**
 * The mean of each channel of images: [batch, height, width, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling2d/
 */
export class GlobalAveragePooling2D extends BaseGlobalPooling {
  static readonly className: string = 'GlobalAveragePooling2D';

  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling2D', 'mean', 2, options);
  }
}

/**
 * The mean of each channel of volumes: [batch, depth, height, width, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of volumes
 * @see https://keras.io/api/layers/pooling_layers/global_average_pooling3d/
 */
export class GlobalAveragePooling3D extends BaseGlobalPooling {
  static readonly className: string = 'GlobalAveragePooling3D';

  constructor(options?: GlobalPoolingOptions) {
    super('GlobalAveragePooling3D', 'mean', 3, options);
  }
}

/** Keras's other name of {@link GlobalAveragePooling1D}. */
export const GlobalAvgPool1D = GlobalAveragePooling1D;
/** Keras's other name of {@link GlobalAveragePooling1D}. */
export type GlobalAvgPool1D = GlobalAveragePooling1D;

/** Keras's other name of {@link GlobalAveragePooling2D}. */
export const GlobalAvgPool2D = GlobalAveragePooling2D;
/** Keras's other name of {@link GlobalAveragePooling2D}. */
export type GlobalAvgPool2D = GlobalAveragePooling2D;

/** Keras's other name of {@link GlobalAveragePooling3D}. */
export const GlobalAvgPool3D = GlobalAveragePooling3D;
/** Keras's other name of {@link GlobalAveragePooling3D}. */
export type GlobalAvgPool3D = GlobalAveragePooling3D;
