import { badArgument } from '../../errors.ts';
import { expandDims, logicalOr } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import { classNameOf } from '../../registry.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { showShape } from '../explain.ts';
import { Layer } from '../layer.ts';
import { flattenMasks, type Mask } from '../mask.ts';
import { type CallOptions, type LayerOptions, layerOptions } from '../options.ts';

/** Throws unless `inputs` is a list of at least one. */
export function checkSeveral(layer: Layer, inputs: unknown): void {
  if (Array.isArray(inputs) && inputs.length > 0 && typeof inputs[0] !== 'number' && inputs[0] !== null) return;
  throw badArgument(String(layer), 'must be called on a list of tensors.');
}

/** Throws unless `inputs` are two. */
export function checkTwo(layer: Layer, inputs: readonly unknown[]): void {
  if (inputs.length === 2) return;
  throw badArgument(String(layer), `must be called on two tensors; received ${inputs.length}.`);
}

/** What layers that make one tensor of several, element by element, share. */
export abstract class Merge extends Layer {
  constructor(options?: LayerOptions) {
    super(readOptions<LayerOptions>(classNameOf(new.target), layerOptions, [options]));
    this.supportsMasking = true;
  }

  override build(inputShapes: readonly Shape[]): void {
    checkSeveral(this, inputShapes);
    const batches = new Set(inputShapes.map(([batch]) => batch).filter((batch) => typeof batch === 'number'));
    if (batches.size > 1) {
      const shapes = inputShapes.map(showShape).join(' and ');
      throw badArgument(String(this), `cannot merge batches of different sizes; received ${shapes}.`);
    }
  }

  /** Makes one tensor of several of one rank, each with its mask. */
  protected abstract merge(inputs: readonly Tensor[], masks: readonly (Tensor | null)[]): Tensor;

  override call(inputs: readonly Tensor[], { mask }: CallOptions): Tensor {
    checkSeveral(this, inputs);
    const rank = Math.max(...inputs.map((x) => x.rank));
    // The batch stays in front; sides of 1 behind it make the ranks equal.
    const aligned = inputs.map((x) => {
      const missing = Array.from({ length: rank - x.rank }, (_, axis) => axis + 1);
      return missing.length === 0 ? x : expandDims(x, missing);
    });
    const masks = flattenMasks(mask);
    return this.merge(
      aligned,
      aligned.map((_, index) => masks[index] ?? null),
    );
  }

  /** A step counts if it does in any input; all count unless each input has a mask. */
  override computeMask(_inputs: readonly Tensor[], mask: Mask): Mask {
    const masks = flattenMasks(mask);
    return masks.reduce((either, next) => (either === null || next === null ? null : logicalOr(either, next)));
  }
}
