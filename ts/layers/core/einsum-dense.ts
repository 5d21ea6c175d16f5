import type { ActivationLike } from '../../activations/index.ts';
import { badArgument, shown } from '../../errors.ts';
import { type InitializerCallOptions, VarianceScaling } from '../../initializers/index.ts';
import { einsum, reshape } from '../../ops/index.ts';
import { type ListBeside, readOptions } from '../../options.ts';
import { placeholder } from '../../symbolic.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { checkAxes, showShape } from '../explain.ts';
import { KernelLayer, type KernelOptions, kernelOptions } from './kernel-layer.ts';

/** Options of {@link EinsumDense}. */
export interface EinsumDenseOptions extends Omit<KernelOptions, 'useBias'> {
  /** Which axes of input and kernel meet: `'abc,cd->abd'`. */
  equation?: string | undefined;
  /** The output's sides without the batch and what `...` stands for; `null` where the input says it. */
  outputShape?: number | readonly (number | null)[] | undefined;
  /** The letters of the output's axes that have a bias each; no bias if left out. */
  biasAxes?: string | null | undefined;
}

const names = [
  'equation',
  'outputShape',
  'activation',
  'biasAxes',
  ...kernelOptions.filter((name) => name !== 'useBias' && name !== 'activation'),
] as const;

/** One kernel axis: its length, and whether the output has it too. */
interface Axis {
  readonly side: number | null;
  readonly kept: boolean;
}

/** The shapes that an equation gives the weights. */
interface Weights {
  readonly kernel: readonly Axis[];
  readonly bias: Shape | null;
}

const forms = [
  /^()([a-zA-Z]+)(),([a-zA-Z]+)->()([a-zA-Z]+)()$/,
  /^(\.\.\.)([a-zA-Z]+)(),([a-zA-Z]+)->(\.\.\.)([a-zA-Z]+)()$/,
  /^()([a-zA-Z]{2,})(\.\.\.),([a-zA-Z]+)->()([a-zA-Z]+)(\.\.\.)$/,
];

/**
 * A dense layer along axes of choice: activation(einsum(equation, x, kernel) + bias). The equation has the form
 * `ab,bc->ac`, `...b,bc->...c` or `ab...,bc->ac...`, and its first axis is the batch.
 *
 * The kernel has the sides of its letters, the bias those of `biasAxes`, with 1 for the output's other axes behind the
 * first of them.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an equation of another form, or one that does not fit input and `outputShape`;
 * `NOT_BUILT` if a side of the kernel is unknown
 * @see https://keras.io/api/layers/core_layers/einsum_dense/
 */
export class EinsumDense extends KernelLayer {
  static readonly className: string = 'EinsumDense';
  readonly equation: string;
  readonly outputShape: readonly (number | null)[];
  readonly biasAxes: string | null;
  #rank = 0;

  constructor(
    equation: string | EinsumDenseOptions,
    outputShape?: number | ListBeside<EinsumDenseOptions, number | null> | EinsumDenseOptions,
    activation?: ActivationLike | null | EinsumDenseOptions,
    biasAxes?: string | null | EinsumDenseOptions,
    options?: EinsumDenseOptions,
  ) {
    const where = 'EinsumDense';
    const read = readOptions<EinsumDenseOptions>(where, names, [equation, outputShape, activation, biasAxes, options]);
    super(where, { ...read, useBias: (read.biasAxes ?? null) !== null });
    const formed = typeof read.equation === 'string' && forms.some((form) => form.test(read.equation!));
    if (!formed) {
      const wanted = "'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...'";
      throw badArgument(where, `equation must have the form ${wanted}; received ${shown(read.equation)}.`);
    }
    this.equation = read.equation!;
    const sides: unknown = typeof read.outputShape === 'number' ? [read.outputShape] : read.outputShape;
    const isSide = (side: unknown) => side === null || (Number.isInteger(side) && (side as number) > 0);
    if (!Array.isArray(sides) || !sides.every(isSide)) {
      const received = shown(read.outputShape);
      throw badArgument(where, `outputShape must be positive whole numbers or null; received ${received}.`);
    }
    this.outputShape = [...sides];
    this.biasAxes = read.biasAxes ?? null;
  }

  override build(inputShape: Shape): void {
    this.#rank = inputShape.length;
    const { kernel, bias } = this.#weights(inputShape);
    const shape = kernel.map(({ side }) => side);
    const { kernelInitializer } = this;
    this.kernel = this.addWeight({
      name: 'kernel',
      shape,
      initializer: kernelInitializer instanceof VarianceScaling ? this.#scaled(kernel) : kernelInitializer,
      regularizer: this.kernelRegularizer,
      constraint: this.kernelConstraint,
    });
    if (bias === null) return;
    this.bias = this.addWeight({
      name: 'bias',
      shape: bias,
      initializer: this.biasInitializer,
      regularizer: this.biasRegularizer,
      constraint: this.biasConstraint,
    });
  }

  /** The kernel's initializer with the axes' own fans: as of a matrix of summed by kept axes. */
  #scaled(kernel: readonly Axis[]): (shape: readonly number[], options: InitializerCallOptions) => Tensor {
    const count = (kept: boolean) =>
      kernel.filter((axis) => axis.kept === kept).reduce((product, { side }) => product * side!, 1);
    return (shape, options) => reshape(this.kernelInitializer([count(false), count(true)], options), shape);
  }

  /** Keras's rules for the sides of letters. */
  #weights(inputShape: Shape): Weights {
    const [, left, input, , weight, , output] = forms.map((form) => form.exec(this.equation)).find((m) => m !== null)!;
    const letters = { input: [...input!], weight: [...weight!], output: [...output!] };
    const elided = inputShape.length - letters.input.length;
    const fail = (sentence: string) =>
      badArgument(String(this), `${sentence}; the input is ${showShape(inputShape)}, the equation '${this.equation}'.`);
    const dots = this.equation.includes('.');
    if (dots ? elided < 0 : elided !== 0) throw fail(`the input must have ${letters.input.length} axes`);
    const [ahead, behind] = left === '' ? [0, elided] : [elided, 0];
    const sides = new Map(letters.input.map((letter, axis) => [letter, inputShape[ahead + axis]!]));
    // An ellipsis in front has the batch in it.
    const own = ahead > 0 ? this.outputShape : [inputShape[0]!, ...this.outputShape];
    if (own.length !== letters.output.length)
      throw fail(`outputShape ${showShape(this.outputShape)} does not fit the output's letters`);
    const given = new Map(letters.output.map((letter, axis) => [letter, own[axis]!]));
    for (const [letter, side] of given) {
      if (!letters.input.includes(letter) && !letters.weight.includes(letter))
        throw fail(`the output's axis '${letter}' is neither the input's nor the kernel's`);
      if (sides.has(letter) && side !== null && side !== sides.get(letter))
        throw fail(`axis '${letter}' is ${sides.get(letter)} in the input and ${side} in outputShape`);
    }
    const kernel = letters.weight.map((letter) => {
      if (given.has(letter)) return { side: given.get(letter)!, kept: true };
      if (sides.has(letter)) return { side: sides.get(letter)!, kept: false };
      throw fail(`the kernel's axis '${letter}' is neither the input's nor the output's`);
    });
    return { kernel, bias: this.#biasShape(letters.output, given, behind, fail) };
  }

  #biasShape(
    output: readonly string[],
    sides: ReadonlyMap<string, number | null>,
    behind: number,
    fail: (sentence: string) => Error,
  ): Shape | null {
    if (this.biasAxes === null) return null;
    const wanted = [...this.biasAxes];
    const stray = wanted.find((letter) => !output.includes(letter));
    if (stray !== undefined) throw fail(`the bias's axis '${stray}' is none of the output`);
    const first = Math.min(...wanted.map((letter) => output.indexOf(letter)));
    const own = output.slice(first).map((letter) => (wanted.includes(letter) ? sides.get(letter)! : 1));
    return [...own, ...Array<number>(behind).fill(1)];
  }

  override call(x: Tensor): Tensor {
    checkAxes(this, x.shape, this.#rank);
    if (!x.shape.includes(null)) return this.finish(einsum(this.equation, x, this.kernel));
    // Sides are unknown only while a model is built, when types count and nothing else: those that differ for two sizes
    // follow from the unknown ones.
    const [one, other] = [2, 3].map((side) => this.#outputFor(x, side)) as [Shape, Shape];
    return placeholder(
      one.map((side, axis) => (side === other[axis] ? side : null)),
      x.dtype,
    );
  }

  #outputFor(x: Tensor, unknown: number): Shape {
    const known = placeholder(
      x.shape.map((side) => side ?? unknown),
      x.dtype,
    );
    return einsum(this.equation, known, this.kernel).shape;
  }

  override getConfig(): object {
    const { useBias: _, ...config } = super.getConfig() as { useBias?: boolean };
    const { equation, outputShape, biasAxes } = this;
    // Keras writes it for this layer even where there is none.
    return { activityRegularizer: null, ...config, equation, outputShape, biasAxes };
  }
}
