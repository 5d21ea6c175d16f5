import { finite } from '../../errors.ts';
import { any, expandDims, notEqual, where } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link Masking}. */
export interface MaskingOptions extends LayerOptions {
  /** A step whose values all are this one does not count; 0 if left out. */
  maskValue?: number | undefined;
}

/**
 * Makes a mask: layers behind skip the steps of [batch, steps, features] whose features all are `maskValue`, and which
 * become 0. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a value that is no finite number
 * @see https://keras.io/api/layers/core_layers/masking/
 */
export class Masking extends Layer {
  static readonly className: string = 'Masking';
  readonly maskValue: number;

  constructor(maskValue?: number | MaskingOptions, options?: MaskingOptions) {
    const read = readOptions<MaskingOptions>('Masking', ['maskValue', ...layerOptions], [maskValue, options]);
    super(read);
    this.maskValue = finite('Masking', 'maskValue', read.maskValue ?? 0);
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return where(expandDims(this.computeMask(x), -1), x, 0);
  }

  /** A step counts if any of its values is not the `maskValue`. */
  override computeMask(x: Tensor): Tensor {
    return any(notEqual(x, this.maskValue), -1);
  }

  override getConfig(): object {
    return { ...super.getConfig(), maskValue: this.maskValue };
  }
}
