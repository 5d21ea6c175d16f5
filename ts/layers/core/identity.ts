import { readOptions } from '../../options.ts';
import { Layer } from '../layer.ts';
import type { Nest } from '../nest.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/**
 * Hands its input on as it is, one tensor or several.
 *
 * @see https://keras.io/api/layers/core_layers/identity/
 */
export class Identity extends Layer {
  static readonly className: string = 'Identity';

  constructor(options?: LayerOptions) {
    super(readOptions<LayerOptions>('Identity', layerOptions, [options]));
    this.supportsMasking = true;
    this.built = true;
  }

  override call(x: Nest): Nest {
    return x;
  }
}
