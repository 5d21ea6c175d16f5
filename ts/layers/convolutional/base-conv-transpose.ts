import { badArgument } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { positiveInteger, readOptions, sizesOf } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { KernelLayer, type KernelOptions, kernelOptions } from '../core/kernel-layer.ts';
import { checkSpace } from '../explain.ts';
import type { SizesOr } from './base-conv.ts';
import { checkSteps, type Padding, paddings, type Window, type WindowOptions, windowOf } from './window.ts';

/** Options of {@link Conv1DTranspose}, {@link Conv2DTranspose} and {@link Conv3DTranspose}. */
export interface ConvTransposeOptions extends KernelOptions, WindowOptions {
  /** How many channels come out. */
  filters?: number | undefined;
  /** How much longer the output is: one number, or one for each axis, below the stride; follows if left out. */
  outputPadding?: number | readonly number[] | null | undefined;
}

const names = [
  'filters',
  'kernelSize',
  'strides',
  'padding',
  'outputPadding',
  'dilationRate',
  ...kernelOptions,
] as const;

/** What constructors of transposed convolutions take: Keras's leading parameters, then options. */
export type ConvTransposeArguments = [
  filters: number | ConvTransposeOptions,
  kernelSize?: SizesOr<ConvTransposeOptions>,
  strides?: SizesOr<ConvTransposeOptions>,
  padding?: Padding | ConvTransposeOptions,
  outputPadding?: SizesOr<ConvTransposeOptions> | null,
  options?: ConvTransposeOptions,
];

/** A convolution turned around: activation(convTranspose(x, kernel) + bias). */
export abstract class BaseConvTranspose extends KernelLayer implements Window {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly outputPadding: readonly number[] | null;
  readonly dilationRate: readonly number[];

  constructor(where: string, axes: number, args: readonly unknown[]) {
    const read = readOptions<ConvTransposeOptions>(where, names, args);
    super(where, read);
    this.filters = positiveInteger(where, 'filters', read.filters);
    const window = windowOf(where, read, axes, paddings);
    this.kernelSize = window.kernelSize;
    this.strides = window.strides;
    this.padding = window.padding;
    this.dilationRate = window.dilationRate;
    const more = read.outputPadding ?? null;
    this.outputPadding = more === null ? null : sizesOf(where, 'outputPadding', more, axes, 0);
    if (this.outputPadding?.some((size, axis) => size >= this.strides[axis]!)) {
      throw badArgument(
        where,
        `outputPadding must be less than strides along each axis; received [${this.outputPadding}] and ` +
          `[${this.strides}].`,
      );
    }
    checkSteps(where, window);
  }

  override build(inputShape: Shape): void {
    checkSpace(this, inputShape, this.kernelSize.length);
    this.addKernel([...this.kernelSize, this.filters, inputShape.at(-1)], this.filters);
  }

  override call(x: Tensor): Tensor {
    const { strides, dilationRate: dilation, padding, outputPadding } = this;
    checkSpace(this, x.shape, strides.length);
    return this.finish(apply('convTranspose', { strides, dilation, padding, outputPadding }, [x, this.kernel])[0]!);
  }

  override getConfig(): object {
    const { filters, kernelSize, strides, padding, outputPadding, dilationRate } = this;
    const own = { filters, kernelSize, strides, padding, outputPadding, dilationRate };
    // Keras writes it for this layer even where there is none.
    return { activityRegularizer: null, ...super.getConfig(), ...own };
  }
}
