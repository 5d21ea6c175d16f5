import { BasePooling, type PoolingArguments } from './base-pooling.ts';

/**
 * The mean of each window of sequences; padding does not count.
 *
 * Input [batch, steps, channels], output [batch, steps', channels]. Windows are 2 and lie side by side unless
 * said otherwise.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of sequences or smaller than the window; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/average_pooling1d/
 */
export class AveragePooling1D extends BasePooling {
  static readonly className: string = 'AveragePooling1D';

  constructor(...args: PoolingArguments) {
    super('AveragePooling1D', 'average', 1, args);
  }
}

/**
 * The mean of each window of images; padding does not count.
 *
 * Input [batch, height, width, channels], output [batch, height', width', channels]. Windows are 2×2 and lie side by side unless
 * said otherwise.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images or smaller than the window; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/average_pooling2d/
 */
export class AveragePooling2D extends BasePooling {
  static readonly className: string = 'AveragePooling2D';

  constructor(...args: PoolingArguments) {
    super('AveragePooling2D', 'average', 2, args);
  }
}

/**
 * The mean of each window of volumes; padding does not count.
 *
 * Input [batch, depth, height, width, channels], output [batch, depth', height', width', channels]. Windows are 2×2×2 and lie side by side unless
 * said otherwise.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of volumes or smaller than the window; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/average_pooling3d/
 */
export class AveragePooling3D extends BasePooling {
  static readonly className: string = 'AveragePooling3D';

  constructor(...args: PoolingArguments) {
    super('AveragePooling3D', 'average', 3, args);
  }
}

/** Keras's other name of {@link AveragePooling1D}. */
export const AvgPool1D = AveragePooling1D;
/** Keras's other name of {@link AveragePooling1D}. */
export type AvgPool1D = AveragePooling1D;

/** Keras's other name of {@link AveragePooling2D}. */
export const AvgPool2D = AveragePooling2D;
/** Keras's other name of {@link AveragePooling2D}. */
export type AvgPool2D = AveragePooling2D;

/** Keras's other name of {@link AveragePooling3D}. */
export const AvgPool3D = AveragePooling3D;
/** Keras's other name of {@link AveragePooling3D}. */
export type AvgPool3D = AveragePooling3D;
