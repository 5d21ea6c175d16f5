import {
  type ActivationFunction,
  type ActivationLike,
  get as getActivation,
  serialize,
} from '../../activations/index.ts';
import { type ConstraintFunction, type ConstraintLike, get as getConstraint } from '../../constraints/index.ts';
import { flag } from '../../errors.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Tensor, Variable } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions, type WeightOptions } from '../options.ts';

/** Options of layers with a kernel and a bias. */
export interface KernelOptions extends LayerOptions {
  /** By name or a function; none if left out. */
  activation?: ActivationLike | null | undefined;
  /** `true` if left out. */
  useBias?: boolean | undefined;
  /** `'glorotUniform'` if left out. */
  kernelInitializer?: InitializerLike | undefined;
  /** `'zeros'` if left out. */
  biasInitializer?: InitializerLike | undefined;
  /** A penalty on the kernel; none if left out. */
  kernelRegularizer?: RegularizerLike | null | undefined;
  /** A penalty on the bias; none if left out. */
  biasRegularizer?: RegularizerLike | null | undefined;
  /** What the kernel is made to fulfil after each step of training; nothing if left out. */
  kernelConstraint?: ConstraintLike | null | undefined;
  /** What the bias is made to fulfil after each step of training; nothing if left out. */
  biasConstraint?: ConstraintLike | null | undefined;
}

/** The names of {@link KernelOptions}, in Keras's order. */
export const kernelOptions = [
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'kernelConstraint',
  'biasConstraint',
  ...layerOptions,
] as const;

/** What layers with a kernel and a bias share. */
export abstract class KernelLayer extends Layer {
  readonly activation: ActivationFunction;
  readonly useBias: boolean;
  readonly kernelInitializer: InitializerFunction;
  readonly biasInitializer: InitializerFunction;
  readonly kernelRegularizer: RegularizerFunction | null;
  readonly biasRegularizer: RegularizerFunction | null;
  readonly kernelConstraint: ConstraintFunction | null;
  readonly biasConstraint: ConstraintFunction | null;
  /** The weight that the input is multiplied with; made by `build`. */
  kernel!: Variable;
  /** Added to each output; made by `build` unless `useBias` is false. */
  bias: Variable | null = null;

  constructor(where: string, options: KernelOptions) {
    super(options);
    this.activation = getActivation(options.activation, where);
    this.useBias = flag(where, 'useBias', options.useBias ?? true);
    this.kernelInitializer = getInitializer(
      options.kernelInitializer ?? 'glorotUniform',
      `${where}: kernelInitializer`,
    );
    this.biasInitializer = getInitializer(options.biasInitializer ?? 'zeros', `${where}: biasInitializer`);
    this.kernelRegularizer = getRegularizer(options.kernelRegularizer, `${where}: kernelRegularizer`);
    this.biasRegularizer = getRegularizer(options.biasRegularizer, `${where}: biasRegularizer`);
    this.kernelConstraint = getConstraint(options.kernelConstraint, `${where}: kernelConstraint`);
    this.biasConstraint = getConstraint(options.biasConstraint, `${where}: biasConstraint`);
  }

  /** Makes kernel and bias; the bias has a side, or a shape. */
  protected addKernel(shape: WeightOptions['shape'], outputs: number | WeightOptions['shape']): void {
    this.kernel = this.addWeight({
      name: 'kernel',
      shape,
      initializer: this.kernelInitializer,
      regularizer: this.kernelRegularizer,
      constraint: this.kernelConstraint,
    });
    if (!this.useBias) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: typeof outputs === 'number' ? [outputs] : outputs,
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
      constraint: this.biasConstraint,
    });
  }

  /** Adds the bias and applies the activation. */
  protected finish(product: Tensor): Tensor {
    return this.activation(this.bias === null ? product : product.add(this.bias));
  }

  override getConfig(): object {
    return {
      ...super.getConfig(),
      activation: serialize(this.activation),
      useBias: this.useBias,
      kernelInitializer: savable(this.kernelInitializer),
      biasInitializer: savable(this.biasInitializer),
      kernelRegularizer: this.kernelRegularizer && savable(this.kernelRegularizer),
      biasRegularizer: this.biasRegularizer && savable(this.biasRegularizer),
      kernelConstraint: this.kernelConstraint && savable(this.kernelConstraint),
      biasConstraint: this.biasConstraint && savable(this.biasConstraint),
    };
  }
}
