import { type ConstraintFunction, type ConstraintLike, get as getConstraint } from '../../constraints/index.ts';
import { flag } from '../../errors.ts';
import { get as getInitializer, type InitializerFunction, type InitializerLike } from '../../initializers/index.ts';
import { cast, gather, notEqual } from '../../ops/index.ts';
import { positiveInteger, readOptions } from '../../options.ts';
import { savable } from '../../registry.ts';
import { get as getRegularizer, type RegularizerFunction, type RegularizerLike } from '../../regularizers/index.ts';
import type { Tensor, Variable } from '../../tensor.ts';
import { converted } from '../converted.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions, type WeightValue } from '../options.ts';

/** Options of {@link Embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** How many different numbers there are: inputs are below it. */
  inputDim?: number | undefined;
  /** How long each one's vector is. */
  outputDim?: number | undefined;
  /** `'randomUniform'` if left out. */
  embeddingsInitializer?: InitializerLike | undefined;
  /** A penalty on the vectors; none if left out. */
  embeddingsRegularizer?: RegularizerLike | null | undefined;
  /** What the vectors are made to fulfil after each step of training; nothing if left out. */
  embeddingsConstraint?: ConstraintLike | null | undefined;
  /** Whether 0 means that there is nothing: layers behind skip such steps. `false` if left out. */
  maskZero?: boolean | undefined;
  /** The vectors [inputDim, outputDim] to begin with, alone or in a list. */
  weights?: WeightValue | readonly [WeightValue] | undefined;
}

const names = [
  'inputDim',
  'outputDim',
  'embeddingsInitializer',
  'embeddingsRegularizer',
  'embeddingsConstraint',
  'maskZero',
  'weights',
  ...layerOptions,
] as const;

/**
 * A vector for each whole number: [batch, ...] to [batch, ..., outputDim]; embeddings [inputDim, outputDim].
 *
 * @throws FoveaError `BAD_ARGUMENT`; a run fails so for a number that is not from 0 to inputDim − 1
 * @see https://keras.io/api/layers/core_layers/embedding/
 */
export class Embedding extends Layer {
  static readonly className: string = 'Embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly embeddingsInitializer: InitializerFunction;
  readonly embeddingsRegularizer: RegularizerFunction | null;
  readonly embeddingsConstraint: ConstraintFunction | null;
  readonly maskZero: boolean;
  /** The vectors; made by `build`. */
  embeddings!: Variable;

  constructor(
    inputDim: number | EmbeddingOptions,
    outputDim?: number | EmbeddingOptions,
    embeddingsInitializer?: InitializerLike | EmbeddingOptions,
    options?: EmbeddingOptions,
  ) {
    const where = 'Embedding';
    const given = [inputDim, outputDim, embeddingsInitializer, options];
    const read = readOptions<EmbeddingOptions>(where, names, given);
    super(read);
    this.inputDim = positiveInteger(where, 'inputDim', read.inputDim);
    this.outputDim = positiveInteger(where, 'outputDim', read.outputDim);
    const initializer = read.embeddingsInitializer ?? 'randomUniform';
    this.embeddingsInitializer = getInitializer(initializer, `${where}: embeddingsInitializer`);
    this.embeddingsRegularizer = getRegularizer(read.embeddingsRegularizer, `${where}: embeddingsRegularizer`);
    this.embeddingsConstraint = getConstraint(read.embeddingsConstraint, `${where}: embeddingsConstraint`);
    this.maskZero = flag(where, 'maskZero', read.maskZero ?? false);
    this.supportsMasking = this.maskZero;
    if (read.weights === undefined) return;
    this.build([null]);
    const list: unknown = read.weights;
    this.setWeights(Array.isArray(list) && list.length === 1 ? list : [read.weights as WeightValue]);
  }

  /** @internal Weights are picked as they are, and the picked ones cast. */
  protected override readonly autocast = false;

  override build(_inputShape: unknown): void {
    this.embeddings = this.addWeight({
      name: 'embeddings',
      shape: [this.inputDim, this.outputDim],
      initializer: this.embeddingsInitializer,
      regularizer: this.embeddingsRegularizer,
      constraint: this.embeddingsConstraint,
    });
  }

  override call(x: Tensor): Tensor {
    return converted(gather(this.embeddings, cast(x, 'int32')), this.computeDtype);
  }

  /** Every number but 0 counts. */
  override computeMask(x: Tensor): Tensor | null {
    return this.maskZero ? notEqual(x, 0) : null;
  }

  override getConfig(): object {
    const { inputDim, outputDim, maskZero } = this;
    return {
      // Keras writes it for this layer even where there is none.
      activityRegularizer: null,
      ...super.getConfig(),
      inputDim,
      outputDim,
      embeddingsInitializer: savable(this.embeddingsInitializer),
      embeddingsRegularizer: this.embeddingsRegularizer && savable(this.embeddingsRegularizer),
      embeddingsConstraint: this.embeddingsConstraint && savable(this.embeddingsConstraint),
      maskZero,
    };
  }
}
