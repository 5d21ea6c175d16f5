import { badArgument, finite } from '../errors.ts';
import { readOptions } from '../options.ts';
import { eye, full, ones, type Tensor, zeros } from '../tensor.ts';
import { Initializer, type InitializerCallOptions } from './initializer.ts';

/**
 * All zeros.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class Zeros extends Initializer {
  static readonly className: string = 'Zeros';

  override call(shape: readonly number[], options: InitializerCallOptions = {}): Tensor {
    return zeros(shape, { dtype: options.dtype });
  }
}

/**
 * All ones.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class Ones extends Initializer {
  static readonly className: string = 'Ones';

  override call(shape: readonly number[], options: InitializerCallOptions = {}): Tensor {
    return ones(shape, { dtype: options.dtype });
  }
}

/** Options of {@link Constant}. */
export interface ConstantOptions {
  /** The value, 0 if left out. */
  value?: number | undefined;
}

/**
 * One value everywhere, 0 if left out.
 *
 * @see https://keras.io/api/layers/initializers/
 */
export class Constant extends Initializer {
  static readonly className: string = 'Constant';
  readonly value: number;

  constructor(value?: number | ConstantOptions) {
    super();
    this.value = finite('Constant', 'value', readOptions<ConstantOptions>('Constant', ['value'], [value]).value ?? 0);
  }

  override call(shape: readonly number[], options: InitializerCallOptions = {}): Tensor {
    return full(shape, this.value, { dtype: options.dtype ?? 'float32' });
  }

  override getConfig(): ConstantOptions {
    return { value: this.value };
  }
}

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
