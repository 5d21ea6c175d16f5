import { finite } from '../../errors.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import { type Tensor, tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

type Factor = number | readonly number[];

/** Options of {@link Rescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** What the input is multiplied with: one number, or one for each channel. */
  scale?: Factor | undefined;
  /** What is added after that, 0 if left out. */
  offset?: Factor | undefined;
}

type Argument = number | ListBeside<RescalingOptions> | RescalingOptions;

/**
 * x · scale + offset, of the layer's dtype: `new Rescaling(1 / 255)` brings bytes to 0 … 1. The output has the
 * input's shape.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/
 */
export class Rescaling extends Layer {
  static readonly className: string = 'Rescaling';
  readonly scale: Factor;
  readonly offset: Factor;

  constructor(scale: Argument, offset?: Argument, options?: RescalingOptions) {
    const names = ['scale', 'offset', ...layerOptions] as const;
    const read = readOptions<RescalingOptions>('Rescaling', names, [scale, offset, options]);
    super(read);
    this.scale = checked('scale', read.scale);
    this.offset = checked('offset', read.offset ?? 0);
    this.supportsMasking = true;
  }

  override call(x: Tensor): Tensor {
    const floats = x.dtype === this.computeDtype ? x : x.cast(this.computeDtype);
    return floats.mul(operand(this.scale)).add(operand(this.offset));
  }

  override getConfig(): object {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}

function checked(field: string, value: Factor | undefined): Factor {
  for (const item of Array.isArray(value) ? value : [value]) finite('Rescaling', field, item);
  return value as Factor;
}

const operand = (factor: Factor): number | Tensor => (typeof factor === 'number' ? factor : tensor(factor));
