import { badArgument, FoveaError, shown } from '../../errors.ts';
import { isRecord, readOptions } from '../../options.ts';
import { Tensor } from '../../tensor.ts';
import { Layer } from '../layer.ts';
import type { Mask } from '../mask.ts';
import { type CallOptions, type LayerOptions, layerOptions } from '../options.ts';

/** What a {@link Lambda} computes: its input, then its `arguments` with `training` and `mask`. */
// biome-ignore lint/suspicious/noExplicitAny: the function says what goes in and comes out
export type LambdaFunction = (x: any, options: CallOptions & { [argument: string]: any }) => any;

/** Options of {@link Lambda}. */
export interface LambdaOptions extends LayerOptions {
  /** What it computes. */
  function?: LambdaFunction | undefined;
  /** Accepted for Keras's sake and kept; the shape follows from the function. */
  outputShape?: unknown;
  /** The mask of the output, or a function of the input and its mask; none if left out. */
  // biome-ignore lint/suspicious/noExplicitAny: what the function takes
  mask?: Tensor | ((x: any, mask: Mask) => Mask) | null | undefined;
  /** What the function gets besides. */
  arguments?: { readonly [argument: string]: unknown } | undefined;
}

const names = ['function', 'outputShape', 'mask', 'arguments', ...layerOptions] as const;

/**
 * A function as a layer: `new Lambda((x) => x.square())`. It has no weights; a part that is to be saved is better a
 * subclass of `Layer`, since a function cannot be loaded from a file.
 *
 * @throws FoveaError `BAD_ARGUMENT` without a function; `UNSUPPORTED` for one that comes from a file
 * @see https://keras.io/api/layers/core_layers/lambda/
 */
export class Lambda extends Layer {
  static readonly className: string = 'Lambda';
  readonly function: LambdaFunction;
  readonly outputShape: unknown;
  readonly mask: LambdaOptions['mask'] | null;
  override readonly arguments: { readonly [argument: string]: unknown };

  constructor(fn: LambdaFunction | LambdaOptions, options?: LambdaOptions) {
    const read = readOptions<LambdaOptions>('Lambda', names, [fn, options]);
    super(read);
    const given: unknown = read.function;
    if (isRecord(given) || (given === undefined && isRecord(fn) && 'arguments' in fn)) {
      const instead = 'Write a subclass of Layer instead, and registerSerializable(Class).';
      throw new FoveaError('UNSUPPORTED', `Lambda: its function cannot be loaded from a file. ${instead}`, 'Lambda');
    }
    if (typeof given !== 'function')
      throw badArgument('Lambda', `needs a function such as (x) => x.square(); received ${shown(given)}.`);
    this.function = given as LambdaFunction;
    this.outputShape = read.outputShape ?? null;
    this.mask = read.mask ?? null;
    this.arguments = read.arguments ?? {};
    this.supportsMasking = this.mask !== null;
    this.built = true;
  }

  override call(x: unknown, options: CallOptions): unknown {
    return this.function(x, { ...this.arguments, ...options });
  }

  /** What the option `mask` says. */
  override computeMask(x: unknown, mask: Mask): Mask {
    const own = this.mask ?? null;
    return own === null || own instanceof Tensor ? own : own(x, mask);
  }

  /** The options that make an equal layer, the function itself among them: JSON has no word for it. */
  override getConfig(): object {
    const { function: fn, outputShape, mask } = this;
    return {
      ...super.getConfig(),
      function: fn,
      ...(outputShape === null ? {} : { outputShape }),
      ...(mask === null ? {} : { mask }),
      arguments: this.arguments,
    };
  }
}
