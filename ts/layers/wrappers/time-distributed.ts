import { FoveaError } from '../../errors.ts';
import { at, stack } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import { placeholder } from '../../symbolic.ts';
import { type Shape, Tensor } from '../../tensor.ts';
import { showShape } from '../explain.ts';
import type { Layer } from '../layer.ts';
import { type CallOptions, layerOptions } from '../options.ts';
import { Wrapper, type WrapperOptions } from './wrapper.ts';

/**
 * Applies a layer, or a model, to each step of [batch, steps, ...] by itself: each sees [batch, ...]. The output is
 * [batch, steps, ...] with what the layer makes of a step. The weights are the layer's, the same for every step.
 *
 * @throws FoveaError `BAD_ARGUMENT` for what is no layer; `SHAPE_MISMATCH` for an input without steps, or a mask that
 * does not fit
 * @see https://keras.io/api/layers/recurrent_layers/time_distributed/
 */
export class TimeDistributed extends Wrapper {
  static readonly className: string = 'TimeDistributed';

  constructor(layer: Layer | WrapperOptions, options?: WrapperOptions) {
    const where = 'TimeDistributed';
    super(where, readOptions<WrapperOptions>(where, ['layer', ...layerOptions], [layer, options]));
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    if (inputShape.length < 3) {
      const received = showShape(inputShape);
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `${this}: expected an input [batch, steps, ...] of three axes or more, received ${received}.`,
        this.name,
      );
    }
    const [batch, , ...rest] = inputShape;
    super.build([batch, ...rest]);
  }

  override call(x: Tensor, { training, mask }: CallOptions): Tensor {
    const masks = mask instanceof Tensor ? mask : null;
    if (masks !== null) this.#checkMask(masks, x);
    const [batch, steps, ...rest] = x.shape as [number | null, number | null, ...Shape];
    if (!x.shape.slice(1).includes(null)) {
      const step = (index: number): Tensor =>
        this.layer.call(at(x, null, index), { training, mask: masks && at(masks, null, index) });
      return stack(
        Array.from({ length: steps! }, (_, index) => step(index)),
        1,
      );
    }
    // Such sides are unknown only while a model is built, when types count and nothing else.
    const { shape, dtype } = this.layer.call(placeholder([batch, ...rest], x.dtype), { training, mask: null });
    return placeholder([shape[0]!, steps, ...shape.slice(1)], dtype);
  }

  #checkMask(mask: Tensor, x: Tensor): void {
    const fits = mask.rank >= 2 && [0, 1].every((axis) => alike(mask.shape[axis]!, x.shape[axis]!));
    if (fits) return;
    const shapes = `received ${showShape(mask.shape)} for an input ${showShape(x.shape)}`;
    throw new FoveaError('SHAPE_MISMATCH', `${this}: a mask has the input's batch and steps; ${shapes}.`, this.name);
  }
}

const alike = (a: number | null, b: number | null): boolean => a === null || b === null || a === b;
