import { whole } from '../../errors.ts';
import { any, broadcastTo, concat, expandDims, onesLike } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { flattenMasks, type Mask } from '../mask.ts';
import { type LayerOptions, layerOptions } from '../options.ts';
import { checkSeveral } from './merge.ts';

/** Options of {@link Concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** -1 if left out. */
  axis?: number | undefined;
}

/**
 * Tensors one after the other along an axis, the last if left out. All other sides must be the same.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if they are not; `BAD_ARGUMENT` for no list
 * @see https://keras.io/api/layers/merging_layers/concatenate/
 */
export class Concatenate extends Layer {
  static readonly className: string = 'Concatenate';
  readonly axis: number;

  constructor(axis?: number | ConcatenateOptions, options?: ConcatenateOptions) {
    const read = readOptions<ConcatenateOptions>('Concatenate', ['axis', ...layerOptions], [axis, options]);
    super(read);
    this.axis = whole('Concatenate', 'axis', read.axis ?? -1);
  }

  override build(inputShapes: readonly Shape[]): void {
    checkSeveral(this, inputShapes);
  }

  override call(inputs: readonly Tensor[]): Tensor {
    checkSeveral(this, inputs);
    return concat(inputs, this.axis);
  }

  /** The inputs' masks, concatenated as they are; an input without one counts entirely. */
  override computeMask(inputs: readonly Tensor[], mask: Mask): Mask {
    const masks = flattenMasks(mask);
    if (masks.every((each) => each === null)) return null;
    const wide = inputs.map((x, index) => {
      const own = masks[index] ?? null;
      if (own === null) return onesLike(x).cast('bool');
      return own.rank < x.rank ? broadcastTo(expandDims(own, -1), x.shape) : own;
    });
    return any(concat(wide, this.axis), -1);
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** {@link Concatenate} of some tensors: `concatenate([x, y], { axis: 1 })`. */
export function concatenate(
  inputs: readonly Tensor[],
  axis?: number | ConcatenateOptions,
  options?: ConcatenateOptions,
): Tensor {
  return new Concatenate(axis, options)(inputs);
}
