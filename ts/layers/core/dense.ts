import type { ActivationName } from '../../activations/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { checkAxes } from '../explain.ts';
import { KernelLayer, type KernelOptions, kernelOptions } from './kernel-layer.ts';

/** Options of {@link Dense}. */
export interface DenseOptions extends KernelOptions {
  /** How many outputs. */
  units?: number | undefined;
}

/**
 * A fully connected layer: activation(x · kernel + bias) along the last axis.
 *
 * Input [batch, ..., n], output [batch, ..., units]; kernel [n, units], bias [units].
 *
 * @throws FoveaError `SHAPE_MISMATCH` for an input of fewer than 2 axes, or another n than before; `NOT_BUILT` if n is
 * unknown; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/core_layers/dense/
 */
export class Dense extends KernelLayer {
  static readonly className: string = 'Dense';
  readonly units: number;

  constructor(units: number | DenseOptions, activation?: ActivationName | null | DenseOptions, options?: DenseOptions) {
    const read = readOptions<DenseOptions>('Dense', ['units', ...kernelOptions], [units, activation, options]);
    super('Dense', read);
    this.units = positiveInteger('Dense', 'units', read.units);
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    checkAxes(this, inputShape, 2, Infinity);
    this.addKernel([inputShape.at(-1), this.units], this.units);
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, 2, Infinity);
    return this.finish(x.matmul(this.kernel));
  }

  override getConfig(): object {
    return { ...super.getConfig(), units: this.units };
  }
}
