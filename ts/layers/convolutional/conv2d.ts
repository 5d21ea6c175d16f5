import type { ActivationLike } from '../../activations/index.ts';
import { badArgument, oneOf } from '../../errors.ts';
import { apply } from '../../ops/apply.ts';
import { type ListBeside, positiveInteger, readOptions, sizes } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { KernelLayer, type KernelOptions, kernelOptions } from '../core/dense.ts';
import { checkImages, showShape } from '../explain.ts';

/** What a window does at the edges: `'valid'` stays inside, `'same'` pads so that stride 1 keeps the size. */
export type Padding = 'valid' | 'same';

/** The words of {@link Padding}. */
export const paddings = ['valid', 'same'] as const;

/** Options of {@link Conv2D}. */
export interface Conv2DOptions extends KernelOptions {
  /** How many channels come out. */
  filters?: number | undefined;
  /** Height and width of the window. */
  kernelSize?: number | readonly number[] | undefined;
  /** 1 if left out. */
  strides?: number | readonly number[] | undefined;
  /** `'valid'` if left out. */
  padding?: Padding | undefined;
  /** Distance of neighbours in the window, 1 if left out. */
  dilationRate?: number | readonly number[] | undefined;
  /** Into how many parts the channels are split, 1 if left out. */
  groups?: number | undefined;
  /** By name or a function; none if left out. */
  activation?: ActivationLike | null | undefined;
}

const names = ['filters', 'kernelSize', 'strides', 'padding', 'dilationRate', 'groups', ...kernelOptions] as const;

/**
 * A convolution over images: activation(conv(x, kernel) + bias).
 *
 * Input [batch, height, width, channels], output [batch, height', width', filters];
 * kernel [kernelHeight, kernelWidth, channels / groups, filters], bias [filters]. With padding `'same'` height' is
 * ⌈height / stride⌉, the odd extra zero at the end; with `'valid'` ⌊(height − window) / stride⌋ + 1.
 *
 * @throws FoveaError `SHAPE_MISMATCH` if the channel axis is missing or the kernel does not fit; `BAD_ARGUMENT`
 * @see https://keras.io/api/layers/convolution_layers/convolution2d/
 */
export class Conv2D extends KernelLayer {
  static readonly className: string = 'Conv2D';
  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly dilationRate: readonly [number, number];
  readonly groups: number;

  constructor(
    filters: number | Conv2DOptions,
    kernelSize?: number | ListBeside<Conv2DOptions> | Conv2DOptions,
    strides?: number | ListBeside<Conv2DOptions> | Conv2DOptions,
    padding?: Padding | Conv2DOptions,
    options?: Conv2DOptions,
  ) {
    const where = 'Conv2D';
    const read = readOptions<Conv2DOptions>(where, names, [filters, kernelSize, strides, padding, options]);
    super(where, read);
    this.filters = positiveInteger(where, 'filters', read.filters);
    this.kernelSize = sizes(where, 'kernelSize', read.kernelSize);
    this.strides = sizes(where, 'strides', read.strides ?? 1);
    this.padding = oneOf(where, 'padding', read.padding ?? 'valid', paddings);
    this.dilationRate = sizes(where, 'dilationRate', read.dilationRate ?? 1);
    this.groups = positiveInteger(where, 'groups', read.groups ?? 1);
    if (this.filters % this.groups !== 0) {
      throw badArgument(where, `filters must be a multiple of groups; received ${this.filters} and ${this.groups}.`);
    }
  }

  override build(inputShape: Shape): void {
    checkImages(this, inputShape);
    const channels = inputShape.at(-1) ?? null;
    if (channels !== null && channels % this.groups !== 0) {
      throw badArgument(String(this), `${channels} input channels cannot be split into ${this.groups} groups.`);
    }
    const perGroup = channels === null ? null : channels / this.groups;
    this.addKernel([...this.kernelSize, perGroup, this.filters], this.filters);
  }

  override call(x: Tensor): Tensor {
    const { strides, dilationRate: dilation, groups, padding } = this;
    return this.finish(apply('conv2d', { strides, dilation, groups, padding }, [x, this.kernel])[0]!);
  }

  /** @internal */
  override explain(sentence: string, inputs: readonly Tensor[]): string {
    if (!sentence.includes('does not fit')) return sentence;
    const dilated = this.dilationRate.some((rate) => rate > 1) ? ` with dilation ${this.dilationRate.join('×')}` : '';
    return (
      `kernel ${this.kernelSize.join('×')}${dilated} does not fit into its input ${showShape(inputs[0]!.shape)} with ` +
      `padding '${this.padding}'. Use padding 'same', a smaller kernel, or fewer pooling layers before it.`
    );
  }

  override getConfig(): object {
    const { filters, kernelSize, strides, padding, dilationRate, groups } = this;
    return { ...super.getConfig(), filters, kernelSize, strides, padding, dilationRate, groups };
  }
}

/** Keras's other name of {@link Conv2D}. */
export const Convolution2D = Conv2D;
/** Keras's other name of {@link Conv2D}. */
export type Convolution2D = Conv2D;
