import { BaseGlobalPooling, type GlobalPoolingOptions } from './base-global-pooling.ts';

/**
 * The greatest value of each channel of sequences: [batch, steps, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of sequences
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling1d/
 */
export class GlobalMaxPooling1D extends BaseGlobalPooling {
  static readonly className: string = 'GlobalMaxPooling1D';

  constructor(options?: GlobalPoolingOptions) {
    super('GlobalMaxPooling1D', 'max', 1, options);
  }
}

/**
 * The greatest value of each channel of images: [batch, height, width, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling2d/
 */
export class GlobalMaxPooling2D extends BaseGlobalPooling {
  static readonly className: string = 'GlobalMaxPooling2D';

  constructor(options?: GlobalPoolingOptions) {
    super('GlobalMaxPooling2D', 'max', 2, options);
  }
}

/**
 * The greatest value of each channel of volumes: [batch, depth, height, width, channels] to [batch, channels].
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of volumes
 * @see https://keras.io/api/layers/pooling_layers/global_max_pooling3d/
 */
export class GlobalMaxPooling3D extends BaseGlobalPooling {
  static readonly className: string = 'GlobalMaxPooling3D';

  constructor(options?: GlobalPoolingOptions) {
    super('GlobalMaxPooling3D', 'max', 3, options);
  }
}

/** Keras's other name of {@link GlobalMaxPooling1D}. */
export const GlobalMaxPool1D = GlobalMaxPooling1D;
/** Keras's other name of {@link GlobalMaxPooling1D}. */
export type GlobalMaxPool1D = GlobalMaxPooling1D;

/** Keras's other name of {@link GlobalMaxPooling2D}. */
export const GlobalMaxPool2D = GlobalMaxPooling2D;
/** Keras's other name of {@link GlobalMaxPooling2D}. */
export type GlobalMaxPool2D = GlobalMaxPooling2D;

/** Keras's other name of {@link GlobalMaxPooling3D}. */
export const GlobalMaxPool3D = GlobalMaxPooling3D;
/** Keras's other name of {@link GlobalMaxPooling3D}. */
export type GlobalMaxPool3D = GlobalMaxPooling3D;
