import {
  any,
  broadcastTo,
  expandDims,
  maximum as larger,
  logicalOr,
  minimum as smaller,
  where,
} from '../../ops/index.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { setMask } from '../mask.ts';
import type { LayerOptions } from '../options.ts';
import { checkTwo, Merge } from './merge.ts';

/**
 * The sum of several tensors. Those of lower rank get sides of 1 behind the batch; then they broadcast.
 *
 * @throws FoveaError `BAD_ARGUMENT` for no list, or batches of different sizes; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/add/
 */
export class Add extends Merge {
  static readonly className: string = 'Add';

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((sum, x) => sum.add(x));
  }
}

/** {@link Add} of some tensors: `add([x, y])`. */
export const add = (inputs: readonly Tensor[], options?: LayerOptions): Tensor => new Add(options)(inputs);

/**
 * The first of two tensors minus the second; ranks as for {@link Add}.
 *
 * @throws FoveaError `BAD_ARGUMENT` for more or fewer than two; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/subtract/
 */
export class Subtract extends Merge {
  static readonly className: string = 'Subtract';

  override build(inputShapes: readonly Shape[]): void {
    super.build(inputShapes);
    checkTwo(this, inputShapes);
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    checkTwo(this, inputs);
    return inputs[0]!.sub(inputs[1]!);
  }
}

/** {@link Subtract} of two tensors: `subtract([x, y])`. */
export const subtract = (inputs: readonly Tensor[], options?: LayerOptions): Tensor => new Subtract(options)(inputs);

/**
 * The product of several tensors; ranks as for {@link Add}. Where a mask hides an input it counts as 1, and where
 * masks hide all of them the product is 0.
 *
 * @throws FoveaError `BAD_ARGUMENT` for no list, or batches of different sizes; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/multiply/
 */
export class Multiply extends Merge {
  static readonly className: string = 'Multiply';

  protected override merge(inputs: readonly Tensor[], masks: readonly (Tensor | null)[]): Tensor {
    const wide = inputs.map((x, index) => widened(masks[index]!, x));
    const factors = inputs.map((x, index) => (wide[index] === null ? x : where(wide[index]!, x, 1)));
    const product = factors.reduce((all, x) => all.mul(x));
    const kept = wide.reduce((either, next) => (either === null || next === null ? null : logicalOr(either, next)));
    return kept === null ? product : masked(where(kept, product, 0), kept);
  }
}

/** {@link Multiply} of some tensors: `multiply([x, y])`. */
export const multiply = (inputs: readonly Tensor[], options?: LayerOptions): Tensor => new Multiply(options)(inputs);

/**
 * The mean of several tensors; ranks as for {@link Add}.
 *
 * @throws FoveaError `BAD_ARGUMENT` for no list, or batches of different sizes; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/average/
 */
export class Average extends Merge {
  static readonly className: string = 'Average';

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((sum, x) => sum.add(x)).div(inputs.length);
  }
}

/** {@link Average} of some tensors: `average([x, y])`. */
export const average = (inputs: readonly Tensor[], options?: LayerOptions): Tensor => new Average(options)(inputs);

/**
 * The largest of several tensors at each place; ranks as for {@link Add}. What a mask hides does not compete.
 *
 * @throws FoveaError `BAD_ARGUMENT` for no list, or batches of different sizes; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/maximum/
 */
export class Maximum extends Merge {
  static readonly className: string = 'Maximum';

  protected override merge(inputs: readonly Tensor[], masks: readonly (Tensor | null)[]): Tensor {
    return contest(inputs, masks, larger);
  }
}

/** {@link Maximum} of some tensors: `maximum([x, y])`. */
export const maximum = (inputs: readonly Tensor[], options?: LayerOptions): Tensor => new Maximum(options)(inputs);

/**
 * The smallest of several tensors at each place; ranks as for {@link Add}. What a mask hides does not compete.
 *
 * @throws FoveaError `BAD_ARGUMENT` for no list, or batches of different sizes; `SHAPE_MISMATCH`
 * @see https://keras.io/api/layers/merging_layers/minimum/
 */
export class Minimum extends Merge {
  static readonly className: string = 'Minimum';

  protected override merge(inputs: readonly Tensor[], masks: readonly (Tensor | null)[]): Tensor {
    return contest(inputs, masks, smaller);
  }
}

/** {@link Minimum} of some tensors: `minimum([x, y])`. */
export const minimum = (inputs: readonly Tensor[], options?: LayerOptions): Tensor => new Minimum(options)(inputs);

/** The mask of steps as one of values. */
const widened = (mask: Tensor | null, x: Tensor): Tensor | null =>
  mask === null ? null : broadcastTo(expandDims(mask, -1), x.shape);

/** A tensor with the mask of its steps of which any value is kept. */
function masked(x: Tensor, kept: Tensor | null): Tensor {
  if (kept !== null) setMask(x, any(kept, -1));
  return x;
}

/** Keras's rule for what has no neutral element: where one of two is hidden, the other one stands for both. */
function contest(
  inputs: readonly Tensor[],
  masks: readonly (Tensor | null)[],
  better: (x: Tensor, y: Tensor) => Tensor,
): Tensor {
  let best = inputs[0]!;
  let kept = widened(masks[0]!, best);
  for (const [index, x] of inputs.entries()) {
    if (index === 0) continue;
    const mask = widened(masks[index]!, x);
    const next = mask === null ? x : where(mask, x, best);
    if (kept !== null) best = where(kept, best, next);
    kept = mask === null || kept === null ? null : logicalOr(kept, mask);
    best = better(best, next);
  }
  return masked(best, kept);
}
