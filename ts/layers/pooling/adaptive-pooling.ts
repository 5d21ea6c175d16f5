import { type AdaptivePoolingArguments, BaseAdaptivePooling } from './base-adaptive-pooling.ts';

/**
 * The greatest value of each of so many windows of sequences: [batch, steps, channels] to
 * [batch, outputSize, channels]. The `i`-th of `size` windows that share a side of `n` goes from ⌊i · n / size⌋ up to, without,
 * ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of sequences; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/adaptive_max_pooling1d/
 */
export class AdaptiveMaxPooling1D extends BaseAdaptivePooling {
  static readonly className: string = 'AdaptiveMaxPooling1D';

  constructor(...args: AdaptivePoolingArguments) {
    super('AdaptiveMaxPooling1D', 'max', 1, args);
  }
}

/**
 * The greatest value of each of so many windows of images: [batch, height, width, channels] to
 * [batch, ...outputSize, channels]. The `i`-th of `size` windows that share a side of `n` goes from ⌊i · n / size⌋ up to, without,
 * ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/adaptive_max_pooling2d/
 */
export class AdaptiveMaxPooling2D extends BaseAdaptivePooling {
  static readonly className: string = 'AdaptiveMaxPooling2D';

  constructor(...args: AdaptivePoolingArguments) {
    super('AdaptiveMaxPooling2D', 'max', 2, args);
  }
}

/**
 * The greatest value of each of so many windows of volumes: [batch, depth, height, width, channels] to
 * [batch, ...outputSize, channels]. The `i`-th of `size` windows that share a side of `n` goes from ⌊i · n / size⌋ up to, without,
 * ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of volumes; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/adaptive_max_pooling3d/
 */
export class AdaptiveMaxPooling3D extends BaseAdaptivePooling {
  static readonly className: string = 'AdaptiveMaxPooling3D';

  constructor(...args: AdaptivePoolingArguments) {
    super('AdaptiveMaxPooling3D', 'max', 3, args);
  }
}

/**
 * The mean of each of so many windows of sequences: [batch, steps, channels] to
 * [batch, outputSize, channels]. The `i`-th of `size` windows that share a side of `n` goes from ⌊i · n / size⌋ up to, without,
 * ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of sequences; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/adaptive_average_pooling1d/
 */
export class AdaptiveAveragePooling1D extends BaseAdaptivePooling {
  static readonly className: string = 'AdaptiveAveragePooling1D';

  constructor(...args: AdaptivePoolingArguments) {
    super('AdaptiveAveragePooling1D', 'average', 1, args);
  }
}

/**
 * The mean of each of so many windows of images: [batch, height, width, channels] to
 * [batch, ...outputSize, channels]. The `i`-th of `size` windows that share a side of `n` goes from ⌊i · n / size⌋ up to, without,
 * ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of images; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/adaptive_average_pooling2d/
 */
export class AdaptiveAveragePooling2D extends BaseAdaptivePooling {
  static readonly className: string = 'AdaptiveAveragePooling2D';

  constructor(...args: AdaptivePoolingArguments) {
    super('AdaptiveAveragePooling2D', 'average', 2, args);
  }
}

/**
 * The mean of each of so many windows of volumes: [batch, depth, height, width, channels] to
 * [batch, ...outputSize, channels]. The `i`-th of `size` windows that share a side of `n` goes from ⌊i · n / size⌋ up to, without,
 * ⌈(i + 1) · n / size⌉.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the input is no batch of volumes; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/pooling_layers/adaptive_average_pooling3d/
 */
export class AdaptiveAveragePooling3D extends BaseAdaptivePooling {
  static readonly className: string = 'AdaptiveAveragePooling3D';

  constructor(...args: AdaptivePoolingArguments) {
    super('AdaptiveAveragePooling3D', 'average', 3, args);
  }
}
