import { minimum, rsqrt, square, sum } from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { axesFromFront, axesOf } from '../axes.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Divides vectors by their length, but by no less than `epsilon`; along axes, or all values as one with `null`. */
export function unitLength(x: Tensor, axis: number | readonly number[] | null, epsilon: number): Tensor {
  const inverse = rsqrt(sum(square(x), axis, { keepdims: true }));
  return x.mul(minimum(inverse, 1 / epsilon));
}

/** Options of {@link UnitNormalization}. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** Along which axis the vectors lie, or over which several; -1 if left out. */
  axis?: number | readonly number[] | undefined;
}

/**
 * Brings each vector along an axis to length 1; zeros stay. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an axis that the input does not have
 * @see https://keras.io/api/layers/normalization_layers/unit_normalization/
 */
export class UnitNormalization extends Layer {
  static readonly className: string = 'UnitNormalization';
  readonly axis: number | readonly number[];

  constructor(
    axis?: number | ListBeside<UnitNormalizationOptions> | UnitNormalizationOptions,
    options?: UnitNormalizationOptions,
  ) {
    const where = 'UnitNormalization';
    const read = readOptions<UnitNormalizationOptions>(where, ['axis', ...layerOptions], [axis, options]);
    super(read);
    this.axis = axesOf(where, read.axis ?? -1);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    axesFromFront(this, this.axis, inputShape);
  }

  override call(x: Tensor): Tensor {
    return unitLength(x, this.axis, 1e-12);
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}
