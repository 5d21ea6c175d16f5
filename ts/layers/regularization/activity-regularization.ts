import { readOptions } from '../../options.ts';
import { L1L2 } from '../../regularizers/index.ts';
import type { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link ActivityRegularization}. */
export interface ActivityRegularizationOptions extends LayerOptions {
  /** Factor of Σ|x|, 0 if left out. */
  l1?: number | undefined;
  /** Factor of Σx², 0 if left out. */
  l2?: number | undefined;
}

/**
 * Hands its input on and adds a penalty on it to the loss: (l1 · Σ|x| + l2 · Σx²) / batch size.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor below 0
 * @see https://keras.io/api/layers/regularization_layers/activity_regularization/
 */
export class ActivityRegularization extends Layer {
  static readonly className: string = 'ActivityRegularization';
  readonly l1: number;
  readonly l2: number;

  constructor(
    l1?: number | ActivityRegularizationOptions,
    l2?: number | ActivityRegularizationOptions,
    options?: ActivityRegularizationOptions,
  ) {
    const names = ['l1', 'l2', ...layerOptions] as const;
    const read = readOptions<ActivityRegularizationOptions>('ActivityRegularization', names, [l1, l2, options]);
    const penalty = new L1L2(read.l1 ?? 0, read.l2 ?? 0);
    super({ ...read, activityRegularizer: penalty });
    this.l1 = penalty.l1;
    this.l2 = penalty.l2;
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Tensor): Tensor {
    return x;
  }

  override getConfig(): object {
    const { activityRegularizer: _, ...config } = super.getConfig() as { activityRegularizer?: unknown };
    return { ...config, l1: this.l1, l2: this.l2 };
  }
}
