import { badArgument, shown } from '../errors.ts';
import { type ListBeside, readOptions } from '../options.ts';
import { placeholder } from '../symbolic.ts';
import type { DType, Shape, Tensor } from '../tensor.ts';
import { Layer } from './layer.ts';
import { note } from './record.ts';

/** Options of {@link Input}. */
export interface InputOptions {
  /** Without the batch axis; `null` where a side may vary. */
  shape?: Shape | undefined;
  /** Fixes the batch axis. */
  batchSize?: number | null | undefined;
  /** float32 if left out; data is cast to it. */
  dtype?: DType | undefined;
  /** Automatic if left out: `input_layer`, numbered. Data may be given by it. */
  name?: string | undefined;
  /** The shape with the batch axis, instead of `shape` and `batchSize`. */
  batchShape?: Shape | undefined;
}

const names = ['shape', 'batchSize', 'dtype', 'name', 'batchShape'] as const;

/**
 * The layer behind an {@link Input}.
 *
 * @see https://keras.io/api/layers/core_layers/input/
 */
export class InputLayer extends Layer {
  static readonly className: string = 'InputLayer';
  readonly batchShape: Shape;

  constructor(shape?: Shape | InputOptions, options?: InputOptions) {
    const read = readOptions<InputOptions>('Input', names, [shape, options]);
    if ((read.shape === undefined) === (read.batchShape === undefined)) {
      throw badArgument('Input', 'needs either a shape, without the batch axis, or a batchShape.');
    }
    const batchShape = read.batchShape ?? [read.batchSize ?? null, ...sidesOf(read.shape)];
    super({ name: read.name, dtype: read.dtype ?? 'float32' });
    this.batchShape = [...sidesOf(batchShape)];
    this.built = true;
    const output = placeholder(this.batchShape, this.dtype, this.name);
    note({ layer: this, input: undefined, options: {}, inputs: [], output, outputs: [output] });
  }

  override call(x: Tensor): Tensor {
    return x;
  }

  override getConfig(): InputOptions {
    return { batchShape: this.batchShape, dtype: this.dtype, name: this.name };
  }
}

function sidesOf(shape: unknown): Shape {
  const isSide = (side: unknown) => side === null || (Number.isInteger(side) && (side as number) > 0);
  if (Array.isArray(shape) && shape.every(isSide)) return shape;
  throw badArgument('Input', `shape must be a list of positive whole numbers or null; received ${shown(shape)}.`);
}

/** Makes the symbolic tensor that a model begins with; with or without `new`. */
export interface InputConstructor {
  (shape: ListBeside<InputOptions, number | null> | InputOptions, options?: InputOptions): Tensor;
  new (shape: ListBeside<InputOptions, number | null> | InputOptions, options?: InputOptions): Tensor;
}

function makeInput(shape: Shape | InputOptions, options?: InputOptions): Tensor {
  return new InputLayer(shape, options).output;
}

/**
 * A symbolic tensor that stands for a model's input: `Input([28, 28, 1])`, the batch axis left out.
 * What layers and ops make of it becomes a model.
 */
export const Input = makeInput as unknown as InputConstructor;
