import { badArgument, finite } from '../errors.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import { broadcastTo, cast } from '../ops/index.ts';
import { readOptions } from '../options.ts';
import { maker } from '../registry.ts';
import { eye, full, type Tensor } from '../tensor.ts';
import { Initializer, type InitializerCallOptions } from './initializer.ts';

/**
 * All zeros.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class Zeros extends Initializer {
  static readonly className: string = 'Zeros';
  /** What else strings call it. */
  static readonly aliases = ['zero'] as const;

  override call(shape: readonly number[], options: InitializerCallOptions = {}): Tensor {
    return full(shape, 0, { dtype: options.dtype });
  }
}

/** A {@link Zeros}, without `new`. */
export const zeros = maker(Zeros);

/**
 * All ones.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class Ones extends Initializer {
  static readonly className: string = 'Ones';
  /** What else strings call it. */
  static readonly aliases = ['one'] as const;

  override call(shape: readonly number[], options: InitializerCallOptions = {}): Tensor {
    return full(shape, 1, { dtype: options.dtype });
  }
}

/** An {@link Ones}, without `new`. */
export const ones = maker(Ones);

/** Options of {@link Constant}. */
export interface ConstantOptions {
  /** The value, or values that broadcast to the weight's shape; 0 if left out. */
  value?: TensorLike | undefined;
}

/**
 * One value everywhere, 0 if left out, or values that broadcast to the shape.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class Constant extends Initializer {
  static readonly className: string = 'Constant';
  /** A number, or a tensor of the values. */
  readonly value: number | Tensor;

  constructor(value?: TensorLike | ConstantOptions) {
    super();
    const given = readOptions<ConstantOptions>('Constant', ['value'], [value]).value ?? 0;
    this.value = typeof given === 'number' ? finite('Constant', 'value', given) : toTensor(given, 'Constant');
  }

  override call(shape: readonly number[], { dtype = 'float32' }: InitializerCallOptions = {}): Tensor {
    if (typeof this.value === 'number') return full(shape, this.value, { dtype });
    return broadcastTo(cast(this.value, dtype), shape);
  }

  override getConfig(): ConstantOptions {
    return { value: this.value };
  }
}

/** A {@link Constant}, without `new`. */
export const constant = maker(Constant);

/** Options of {@link Identity}. */
export interface IdentityOptions {
  /** What stands on the diagonal, 1 if left out. */
  gain?: number | undefined;
}

/**
 * The identity matrix times `gain`; for matrices only.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a shape that is no matrix
 * @see https://keras.io/api/layers/initializers/
 */
export class Identity extends Initializer {
  static readonly className: string = 'Identity';
  readonly gain: number;

  constructor(gain?: number | IdentityOptions) {
    super();
    this.gain = finite('Identity', 'gain', readOptions<IdentityOptions>('Identity', ['gain'], [gain]).gain ?? 1);
  }

  override call(shape: readonly number[], options: InitializerCallOptions = {}): Tensor {
    if (shape.length !== 2) throw badArgument('Identity', `makes matrices only; received shape [${shape.join(', ')}].`);
    const [rows, columns] = shape as [number, number];
    return eye(rows, columns, { dtype: options.dtype }).mul(this.gain);
  }

  override getConfig(): IdentityOptions {
    return { gain: this.gain };
  }
}

/** An {@link Identity}, without `new`. */
export const identity = maker(Identity);
