import { BasePooling, type PoolingArguments } from './base-pooling.ts';

/**
 * The greatest value of each window of sequences.
 *
 * Input [batch, steps, channels], output [batch, steps', channels]. Windows are 2 and lie side by side unless
 * said otherwise. Of equals the
 * first one has the gradient.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of sequences or smaller than the window; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/max_pooling1d/
 */
export class MaxPooling1D extends BasePooling {
  static readonly className: string = 'MaxPooling1D';

  constructor(...args: PoolingArguments) {
    super('MaxPooling1D', 'max', 1, args);
  }
}

/**
 * The greatest value of each window of images.
 *
 * Input [batch, height, width, channels], output [batch, height', width', channels]. Windows are 2×2 and lie side by side unless
 * said otherwise. Of equals the
 * first one has the gradient.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images or smaller than the window; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/max_pooling2d/
 */
export class MaxPooling2D extends BasePooling {
  static readonly className: string = 'MaxPooling2D';

  constructor(...args: PoolingArguments) {
    super('MaxPooling2D', 'max', 2, args);
  }
}

/**
 * The greatest value of each window of volumes.
 *
 * Input [batch, depth, height, width, channels], output [batch, depth', height', width', channels]. Windows are 2×2×2 and lie side by side unless
 * said otherwise. Of equals the
 * first one has the gradient.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of volumes or smaller than the window; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/max_pooling3d/
 */
export class MaxPooling3D extends BasePooling {
  static readonly className: string = 'MaxPooling3D';

  constructor(...args: PoolingArguments) {
    super('MaxPooling3D', 'max', 3, args);
  }
}

/** Keras's other name of {@link MaxPooling1D}. */
export const MaxPool1D = MaxPooling1D;
/** Keras's other name of {@link MaxPooling1D}. */
export type MaxPool1D = MaxPooling1D;

/** Keras's other name of {@link MaxPooling2D}. */
export const MaxPool2D = MaxPooling2D;
/** Keras's other name of {@link MaxPooling2D}. */
export type MaxPool2D = MaxPooling2D;

/** Keras's other name of {@link MaxPooling3D}. */
export const MaxPool3D = MaxPooling3D;
/** Keras's other name of {@link MaxPooling3D}. */
export type MaxPool3D = MaxPooling3D;
