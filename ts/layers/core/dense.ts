import type { ActivationName } from '../../activations/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { KernelLayer, type KernelOptions, kernelOptions } from './kernel-layer.ts';

/** Options of {@link Dense}. */
export interface DenseOptions extends KernelOptions {
  /** How many outputs. */
  units?: number | undefined;
}

/**
 * A fully connected layer: activation(x · kernel + bias) along the last axis.
 *
 * Input [..., n], output [..., units]; kernel [n, units], bias [units].
 *
 * @throws FoveaError `NOT_BUILT` if the last axis of the input is unknown; `BAD_ARGUMENT`
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
    this.addKernel([inputShape.at(-1), this.units], this.units);
  }

  override call(x: Tensor): Tensor {
    return this.finish(x.matmul(this.kernel));
  }

  override getConfig(): object {
    return { ...super.getConfig(), units: this.units };
  }
}
