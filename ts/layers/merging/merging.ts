import { badArgument, whole } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { readOptions } from '../../options.ts';
import type { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

function checkSeveral(layer: Layer, inputs: unknown, least: number): void {
  if (Array.isArray(inputs) && inputs.length >= least) return;
  throw badArgument(String(layer), `must be called on a list of ${least} tensors or more.`);
}

/**
 * The sum of several tensors, which broadcast.
 *
 * @throws FoveaError `BAD_ARGUMENT` for fewer than two; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/add/
 */
export class Add extends Layer {
  static readonly className: string = 'Add';

  constructor(options?: LayerOptions) {
    super(readOptions<LayerOptions>('Add', layerOptions, [options]));
  }

  override call(inputs: readonly Tensor[]): Tensor {
    checkSeveral(this, inputs, 2);
    return inputs.reduce((sum, x) => sum.add(x));
  }
}

/** Options of {@link Concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** -1 if left out. */
  axis?: number | undefined;
}

/**
 * Tensors one after the other along an axis, the last if left out. All other sides must be the same.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if they are not
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

  override call(inputs: readonly Tensor[]): Tensor {
    checkSeveral(this, inputs, 1);
    return apply('concat', { axis: this.axis }, inputs)[0]!;
  }

  override getConfig(): object {
    return { ...super.getConfig(), axis: this.axis };
  }
}
