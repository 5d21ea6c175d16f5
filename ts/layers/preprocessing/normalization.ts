import { badArgument, FoveaError, flag, shown, whole } from '../../errors.ts';
import * as ops from '../../ops/index.ts';
import { isRecord, readOptions } from '../../options.ts';
import { type Nested, type Shape, Tensor, tensor, type Variable } from '../../tensor.ts';
import { showShape } from '../explain.ts';
import { Layer } from '../layer.ts';
import { type LayerOptions, layerOptions } from '../options.ts';

/** Options of {@link Normalization}. */
export interface NormalizationOptions extends LayerOptions {
  /** Along which axes each place has a mean of its own: the last if left out, `null` for one mean of all. */
  axis?: number | readonly number[] | null | undefined;
  /** The mean, with a variance; what `adapt` finds if left out. */
  mean?: Nested | null | undefined;
  /** The variance, with a mean. */
  variance?: Nested | null | undefined;
  /** Whether normalised values are brought back instead, `false` if left out. */
  invert?: boolean | undefined;
}

/** What {@link Normalization.adapt} takes: a tensor, or batches of tensors, whose labels do not count. */
export type AdaptData = Tensor | Iterable<AdaptBatch> | AsyncIterable<AdaptBatch>;

/** A batch: a tensor, `{ x }` or `[x, …]`. */
export type AdaptBatch = Tensor | { readonly x: Tensor } | readonly [Tensor, ...unknown[]];

const names = ['axis', 'mean', 'variance', 'invert', ...layerOptions] as const;

/**
 * (x − mean) / √variance, with numbers that are given or that `adapt` finds in data. The output has the input's shape.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a mean without a variance, or of another shape; `NOT_BUILT` for an unknown side
 * along an axis with means of its own
 * @see https://keras.io/api/layers/preprocessing_layers/numerical/normalization/
 */
export class Normalization extends Layer {
  static readonly className: string = 'Normalization';
  readonly axis: readonly number[];
  /** The mean that was given. */
  readonly inputMean: Nested | null;
  /** The variance that was given. */
  readonly inputVariance: Nested | null;
  readonly invert: boolean;
  #shape: Shape = [];
  #kept: readonly number[] = [];

  /** What `adapt` found; none if the numbers are given. */
  adaptMean?: Variable;
  /** Likewise. */
  adaptVariance?: Variable;

  constructor(
    axis?: number | readonly number[] | null | NormalizationOptions,
    mean?: Nested | null | NormalizationOptions,
    variance?: Nested | null | NormalizationOptions,
    invert?: boolean | NormalizationOptions,
    options?: NormalizationOptions,
  ) {
    const read = readOptions<NormalizationOptions>('Normalization', names, [axis, mean, variance, invert, options]);
    super(read);
    this.axis = axesOf(read.axis === undefined ? -1 : read.axis);
    this.inputMean = read.mean ?? null;
    this.inputVariance = read.variance ?? null;
    this.invert = flag('Normalization', 'invert', read.invert ?? false);
    checkGiven(this.inputMean, this.inputVariance, this.axis);
  }

  override build(inputShape: Shape): void {
    const rank = inputShape.length;
    const wrong = this.axis.find((axis) => axis < -rank || axis >= rank);
    if (wrong !== undefined)
      throw badArgument(String(this), `axis must be from ${-rank} to ${rank - 1}; received ${wrong}.`);
    this.#kept = this.axis.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    this.#shape = inputShape;
    const open = this.#kept.find((axis) => inputShape[axis] === null);
    if (open !== undefined) {
      const sentence = `axis ${open} of the input is unknown: received ${showShape(inputShape)}.`;
      throw new FoveaError('NOT_BUILT', `${this}: ${sentence}`, this.name);
    }
    if (this.inputMean !== null) return;
    const shape = this.#kept.map((axis) => inputShape[axis]);
    const statistic = { shape, trainable: false } as const;
    this.adaptMean = this.addWeight({ ...statistic, name: 'mean', initializer: 'zeros' });
    this.adaptVariance = this.addWeight({ ...statistic, name: 'variance', initializer: 'ones' });
    this.addWeight({ name: 'count', shape: [], dtype: 'int32', initializer: 'zeros', trainable: false });
  }

  /**
   * Finds mean and variance of data: of a tensor at once, of batches when the promise resolves. What was found before
   * is forgotten.
   *
   * @throws FoveaError `BAD_ARGUMENT` for no data, or if mean and variance were given; `SHAPE_MISMATCH` for another shape
   */
  async adapt(data: AdaptData): Promise<void> {
    if (this.inputMean !== null)
      throw badArgument(String(this), 'mean and variance were given: there is nothing to adapt.');
    if (data instanceof Tensor) {
      const [mean, variance] = this.#statistics(data);
      this.#found(mean, variance);
      return;
    }
    if (typeof data !== 'object' || data === null || !(Symbol.iterator in data || Symbol.asyncIterator in data))
      throw badArgument(String(this), `adapt takes a tensor or batches; received ${shown(data)}.`);
    let [mean, variance, count] = [null as Tensor | null, null as Tensor | null, 0];
    for await (const batch of data as AsyncIterable<AdaptBatch>) {
      const x = inputOf(String(this), batch);
      const [ownMean, ownVariance] = this.#statistics(x);
      const own = x.shape.reduce<number>((n, side, axis) => (this.#kept.includes(axis) ? n : n * side!), 1);
      count += own;
      const weight = own / count;
      const joint: Tensor = mean === null ? ownMean : ops.add(ops.mul(mean, 1 - weight), ops.mul(ownMean, weight));
      const spread = (v: Tensor, m: Tensor) => ops.add(v, ops.square(ops.sub(m, joint)));
      variance =
        mean === null || variance === null
          ? ownVariance
          : ops.add(ops.mul(spread(variance, mean), 1 - weight), ops.mul(spread(ownVariance, ownMean), weight));
      mean = joint;
    }
    if (mean === null || variance === null) throw badArgument(String(this), 'adapt needs at least one batch.');
    this.#found(mean, variance);
  }

  #found(mean: Tensor, variance: Tensor): void {
    this.adaptMean!.assign(mean);
    this.adaptVariance!.assign(variance);
  }

  #statistics(data: Tensor): [Tensor, Tensor] {
    if (!this.built) this.build([null, ...data.shape.slice(1)]);
    const other = this.#kept.find((axis) => axis > 0 && data.shape[axis] !== this.#shape[axis]);
    if (other !== undefined || data.rank !== this.#shape.length)
      throw new FoveaError(
        'SHAPE_MISMATCH',
        `${this}: it was built for inputs of shape [${this.#shape.map(String)}]; received ${data}.`,
        this.name,
      );
    const x = ops.cast(data, this.computeDtype);
    const axes = [...data.shape.keys()].filter((axis) => !this.#kept.includes(axis));
    return axes.length === 0 ? [x, ops.zerosLike(x)] : ops.moments(x, axes);
  }

  override call(x: Tensor): Tensor {
    const mean = this.#lined(this.adaptMean ?? tensor(this.inputMean!));
    const deviation = ops.maximum(ops.sqrt(this.#lined(this.adaptVariance ?? tensor(this.inputVariance!))), 1e-7);
    const floats = ops.cast(x, this.computeDtype);
    return this.invert ? ops.add(mean, ops.mul(floats, deviation)) : ops.div(ops.sub(floats, mean), deviation);
  }

  /** Numbers of the kept axes beside the input: as many of them as there are, from the right. */
  #lined(numbers: Tensor): Tensor {
    const axes = this.#kept.slice(this.#kept.length - numbers.rank);
    const sides = [...numbers.shape];
    return ops.reshape(
      numbers,
      this.#shape.map((_, axis) => (axes.includes(axis) ? sides.shift()! : 1)),
    );
  }

  override getConfig(): object {
    const { axis, inputMean, inputVariance, invert } = this;
    return { ...super.getConfig(), axis, mean: inputMean, variance: inputVariance, invert };
  }
}

function axesOf(axis: unknown): readonly number[] {
  const list: unknown[] = axis === null ? [] : Array.isArray(axis) ? axis : [axis];
  return list.map((a) => whole('Normalization', 'axis', a));
}

function checkGiven(mean: Nested | null, variance: Nested | null, axis: readonly number[]): void {
  if ((mean === null) !== (variance === null))
    throw badArgument(
      'Normalization',
      `mean and variance must be given both or not at all; received ${shown(mean)} and ${shown(variance)}.`,
    );
  if (mean === null || variance === null) return;
  const [a, b] = [tensor(mean).shape, tensor(variance).shape];
  if (String(a) !== String(b) || a.length !== b.length)
    throw badArgument('Normalization', `mean and variance must have one shape; received [${a}] and [${b}].`);
  if (a.length > axis.length)
    throw badArgument('Normalization', `mean must have at most ${axis.length} axes, as axis has; received [${a}].`);
}

function inputOf(where: string, batch: unknown): Tensor {
  const x: unknown = Array.isArray(batch) ? batch[0] : isRecord(batch) ? batch.x : batch;
  if (x instanceof Tensor) return x;
  throw badArgument(where, `adapt takes batches of tensors; received ${shown(batch)}.`);
}
