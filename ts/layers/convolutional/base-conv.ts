import { badArgument } from '../../errors.ts';
import type { Padding as Paddings } from '../../ops/arguments.ts';
import { convolution } from '../../ops/spatial.ts';
import { type ListBeside, positiveInteger, readOptions } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { KernelLayer, type KernelOptions, kernelOptions } from '../core/kernel-layer.ts';
import { checkSpace } from '../explain.ts';
import {
  checkSteps,
  misfit,
  type Padding,
  paddings,
  type SequencePadding,
  type Window,
  type WindowOptions,
  windowOf,
} from './window.ts';

/** What {@link Conv1D}, {@link Conv2D} and {@link Conv3D} share. */
export interface ConvOptions<P extends SequencePadding = Padding> extends KernelOptions, WindowOptions<P> {
  /** How many channels come out. */
  filters?: number | undefined;
  /** Into how many parts the channels are split, 1 if left out. */
  groups?: number | undefined;
}

const names = ['filters', 'kernelSize', 'strides', 'padding', 'dilationRate', 'groups', ...kernelOptions] as const;

/** One number, one for each axis, or the options of a constructor in their place. */
export type SizesOr<O> = number | ListBeside<O> | O;

/** What constructors of convolutions take: Keras's leading parameters, then options. */
export type ConvArguments<O extends WindowOptions<SequencePadding>> = [
  filters: number | O,
  kernelSize?: SizesOr<O>,
  strides?: SizesOr<O>,
  padding?: NonNullable<O['padding']> | O,
  options?: O,
];

/** A convolution along some axes: activation(conv(x, kernel) + bias). */
export abstract class BaseConv<P extends SequencePadding = Padding> extends KernelLayer implements Window<P> {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: P;
  readonly dilationRate: readonly number[];
  readonly groups: number;

  constructor(where: string, axes: number, allowed: readonly P[], args: readonly unknown[]) {
    const read = readOptions<ConvOptions<P>>(where, names, args);
    super(where, read);
    this.filters = positiveInteger(where, 'filters', read.filters);
    const window = windowOf(where, read, axes, allowed);
    this.kernelSize = window.kernelSize;
    this.strides = window.strides;
    this.padding = window.padding;
    this.dilationRate = window.dilationRate;
    this.groups = positiveInteger(where, 'groups', read.groups ?? 1);
    if (this.filters % this.groups !== 0) {
      throw badArgument(where, `filters must be a multiple of groups; received ${this.filters} and ${this.groups}.`);
    }
    checkSteps(where, window);
  }

  override build(inputShape: Shape): void {
    checkSpace(this, inputShape, this.kernelSize.length);
    const channels = inputShape.at(-1) ?? null;
    if (channels !== null && channels % this.groups !== 0) {
      throw badArgument(String(this), `${channels} input channels cannot be split into ${this.groups} groups.`);
    }
    const perGroup = channels === null ? null : channels / this.groups;
    this.addKernel([...this.kernelSize, perGroup, this.filters], this.filters);
  }

  override call(x: Tensor): Tensor {
    const { strides, dilationRate: dilation, groups } = this;
    checkSpace(this, x.shape, strides.length);
    return this.finish(convolution(x, this.kernel, { strides, dilation, groups, padding: this.#around() }));
  }

  /** The padding as ops know it; causal are zeros before the first step, as far as a window reaches back. */
  #around(): Paddings {
    if (this.padding !== 'causal') return this.padding as Padding;
    return [[this.dilationRate[0]! * (this.kernelSize[0]! - 1), 0]];
  }

  /** @internal */
  override explain(sentence: string, inputs: readonly Tensor[]): string {
    return misfit(sentence, this, inputs);
  }

  override getConfig(): object {
    const { filters, kernelSize, strides, padding, dilationRate, groups } = this;
    const own = { filters, kernelSize, strides, padding, dilationRate, groups };
    // Keras writes it for this layer even where there is none.
    return { activityRegularizer: null, ...super.getConfig(), ...own };
  }
}

/** A convolution of images or volumes, which have no order that a window could keep to. */
export abstract class SpaceConv extends BaseConv {
  constructor(where: string, axes: number, args: readonly unknown[]) {
    super(where, axes, paddings, args);
  }
}
