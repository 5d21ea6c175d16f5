import { badArgument, finite, flag, shown } from '../errors.ts';
import { apply, type TensorLike, toTensor } from '../ops/apply.ts';
import {
  add,
  cast,
  clip,
  div,
  expandDims,
  log,
  mean,
  mul,
  neg,
  oneHot,
  pow,
  sigmoid,
  softmax,
  squeeze,
  sub,
  sum,
} from '../ops/index.ts';
import { type ListBeside, readOptions } from '../options.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { epsilon, floats, pair } from './align.ts';
import { type SmoothedArguments, type SmoothedOptions, smoothedOf, smoothedOptions } from './crossentropy-options.ts';
import { logitsBefore } from './logits.ts';
import { Loss, type LossArguments, type LossOptions, lossOptions } from './loss.ts';
import { sameRank } from './reduce.ts';

/** What both focal cross-entropies choose. */
export interface GammaOptions extends SmoothedOptions {
  /** The greater, the less easy samples count; 2 if left out. */
  gamma?: number | undefined;
}

/** Options of {@link categoricalFocalCrossentropy}. */
export interface FocalOptions extends GammaOptions {
  /** How much every class counts, or a list with a number for each; 0.25 if left out. */
  alpha?: number | readonly number[] | undefined;
}

/** Options of {@link binaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends GammaOptions {
  /** How much class 1 counts, where classes are balanced; 0.25 if left out. */
  alpha?: number | undefined;
  /** Whether class 1 counts `alpha` and class 0 the rest; `false` if left out. */
  applyClassBalancing?: boolean | undefined;
}

const focalOptions = ['alpha', 'gamma', ...smoothedOptions] as const;
const binaryFocalOptions = ['applyClassBalancing', ...focalOptions] as const;

/** Keras's parameters, or options `O` in the place of one. */
type FocalArguments<O> = [alpha?: number | ListBeside<O> | O, gamma?: number | O, ...smoothed: SmoothedArguments<O>];

/** Keras's parameters, or options `O` in the place of one. */
type BinaryFocalArguments<O> = [
  applyClassBalancing?: boolean | O,
  alpha?: number | O,
  gamma?: number | O,
  ...smoothed: SmoothedArguments<O>,
];

/** Checks options and fills in the defaults. */
const gammaOf = (where: string, options: GammaOptions) => ({
  ...smoothedOf(where, options),
  gamma: finite(where, 'gamma', options.gamma ?? 2),
});

/** Checks options and fills in the defaults. */
function focalOf(where: string, options: FocalOptions) {
  const { alpha = 0.25 } = options;
  const each = typeof alpha === 'number' ? finite(where, 'alpha', alpha) : alphas(where, alpha);
  return { ...gammaOf(where, options), alpha: each };
}

/** Throws unless there is a list of numbers. */
function alphas(where: string, alpha: unknown): readonly number[] {
  if (Array.isArray(alpha) && alpha.length > 0 && alpha.every((a) => Number.isFinite(a))) return [...alpha];
  throw badArgument(where, `alpha must be a number, or a list of one for each class; received ${shown(alpha)}.`);
}

/** Checks options and fills in the defaults. */
function binaryFocalOf(where: string, options: BinaryFocalOptions) {
  const balancing = flag(where, 'applyClassBalancing', options.applyClassBalancing ?? false);
  const alpha = finite(where, 'alpha', options.alpha ?? 0.25);
  return { ...gammaOf(where, options), alpha, applyClassBalancing: balancing };
}

/**
 * The cross-entropy of two classes each, times (1 − p)^gamma of the right class, averaged over an axis, the last if left
 * out: samples that are right already count little.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function binaryFocalCrossentropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  ...args: BinaryFocalArguments<BinaryFocalOptions>
): Tensor {
  const where = 'binaryFocalCrossentropy';
  const read = binaryFocalOf(where, readOptions<BinaryFocalOptions>(where, binaryFocalOptions, args));
  const [labels, predictions] = pair(where, yTrue, yPred);
  const smoothing = read.labelSmoothing;
  const t = smoothing === 0 ? labels : add(mul(labels, 1 - smoothing), 0.5 * smoothing);
  const p = read.fromLogits ? sigmoid(predictions) : predictions;
  const logits = logitsBefore(p, 'sigmoid');
  // Over a last axis of side 1 the op's mean is each value itself.
  const entropy = apply('binaryCrossentropy', { fromLogits: logits !== null, labelSmoothing: 0 }, [
    expandDims(t, -1),
    expandDims(logits ?? p, -1),
  ])[0]!;
  const right = add(mul(t, p), mul(sub(1, t), sub(1, p)));
  const focal = mul(pow(sub(1, right), read.gamma), entropy);
  if (!read.applyClassBalancing) return mean(focal, read.axis);
  const balance = add(mul(t, read.alpha), mul(sub(1, t), 1 - read.alpha));
  return mean(mul(balance, focal), read.axis);
}

/**
 * The cross-entropy of one-hot labels, each class times alpha · (1 − p)^gamma: samples that are right already count
 * little.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function categoricalFocalCrossentropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  ...args: FocalArguments<FocalOptions>
): Tensor {
  const where = 'categoricalFocalCrossentropy';
  const read = focalOf(where, readOptions<FocalOptions>(where, focalOptions, args));
  const [labels, predictions] = pair(where, yTrue, yPred);
  const smoothing = read.labelSmoothing;
  const t = smoothing === 0 ? labels : add(mul(labels, 1 - smoothing), smoothing / labels.dim(-1));
  const made = read.fromLogits ? softmax(predictions, read.axis) : predictions;
  const p = clip(div(made, sum(made, read.axis, { keepdims: true })), epsilon, 1 - epsilon);
  const share = typeof read.alpha === 'number' ? read.alpha : tensor(read.alpha);
  const weight = mul(pow(sub(1, p), read.gamma), share);
  return sum(mul(weight, mul(neg(t), log(p))), read.axis);
}

/** Options of {@link categoricalGeneralizedCrossEntropy}. */
export interface GeneralizedOptions {
  /** Between 0 (as cross-entropy) and 1 (as mean absolute error), both excluded. */
  q?: number | undefined;
}

/** Checks q and fills in what it is if left out. */
function qOf(where: string, q: unknown): number {
  if (typeof q === 'number' && q > 0 && q < 1) return q;
  throw badArgument(where, `q must be a number between 0 and 1, both excluded; received ${shown(q)}.`);
}

/**
 * (1 − p^q) / q with p the prediction of the label's class: less moved by wrong labels than the cross-entropy. Labels
 * are the numbers of the classes.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a q that is not between 0 and 1
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function categoricalGeneralizedCrossEntropy(
  yTrue: TensorLike,
  yPred: TensorLike,
  q: number | GeneralizedOptions,
): Tensor {
  const where = 'categoricalGeneralizedCrossEntropy';
  const power = qOf(where, readOptions<GeneralizedOptions>(where, ['q'], [q]).q);
  const [labels, y] = [cast(toTensor(yTrue, where), 'int32'), floats(where, yPred)];
  const numbers = labels.rank === y.rank && labels.shape.at(-1) === 1 ? squeeze(labels, -1) : labels;
  const p = sum(mul(y, oneHot(numbers, y.dim(-1))), -1);
  return div(sub(1, pow(p, power)), power);
}

/** Options of {@link BinaryFocalCrossentropy}. */
export interface BinaryFocalCrossentropyOptions extends BinaryFocalOptions, LossOptions {}

/**
 * The focal cross-entropy of yes-or-no labels: samples that are right already count little. Labels 0 or 1 and
 * predictions [batch, ..., n], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class BinaryFocalCrossentropy extends Loss {
  static readonly className: string = 'BinaryFocalCrossentropy';
  /** What was chosen, with the defaults filled in. */
  readonly options: ReturnType<typeof binaryFocalOf>;

  constructor(
    ...args: [...BinaryFocalArguments<BinaryFocalCrossentropyOptions>, ...LossArguments<BinaryFocalCrossentropyOptions>]
  ) {
    const where = 'BinaryFocalCrossentropy';
    const names = [...binaryFocalOptions, ...lossOptions] as const;
    const read = readOptions<BinaryFocalCrossentropyOptions>(where, names, args);
    super(read);
    this.options = binaryFocalOf(where, read);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return binaryFocalCrossentropy(...sameRank(yTrue, yPred), this.options);
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/** Options of {@link CategoricalFocalCrossentropy}. */
export interface CategoricalFocalCrossentropyOptions extends FocalOptions, LossOptions {}

/**
 * The focal cross-entropy of one-hot labels: samples that are right already count little. Labels and predictions
 * [batch, ..., classes], one value for each [batch, ...].
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class CategoricalFocalCrossentropy extends Loss {
  static readonly className: string = 'CategoricalFocalCrossentropy';
  /** What was chosen, with the defaults filled in. */
  readonly options: ReturnType<typeof focalOf>;

  constructor(
    ...args: [
      ...FocalArguments<CategoricalFocalCrossentropyOptions>,
      ...LossArguments<CategoricalFocalCrossentropyOptions>,
    ]
  ) {
    const where = 'CategoricalFocalCrossentropy';
    const names = [...focalOptions, ...lossOptions] as const;
    const read = readOptions<CategoricalFocalCrossentropyOptions>(where, names, args);
    super(read);
    this.options = focalOf(where, read);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalFocalCrossentropy(...sameRank(yTrue, yPred), this.options);
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}

/** Options of {@link CategoricalGeneralizedCrossEntropy}. */
export interface CategoricalGeneralizedCrossEntropyOptions extends GeneralizedOptions, LossOptions {}

/**
 * (1 − p^q) / q with p the prediction of the label's class: between cross-entropy and mean absolute error, for labels of
 * which some are wrong. Labels, the numbers of the classes, [batch, ...], predictions [batch, ..., classes], q 0.5 if
 * left out.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a q that is not between 0 and 1
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class CategoricalGeneralizedCrossEntropy extends Loss {
  static readonly className: string = 'CategoricalGeneralizedCrossEntropy';
  readonly q: number;

  constructor(
    q?: number | CategoricalGeneralizedCrossEntropyOptions,
    ...rest: LossArguments<CategoricalGeneralizedCrossEntropyOptions>
  ) {
    const where = 'CategoricalGeneralizedCrossEntropy';
    const names = ['q', ...lossOptions] as const;
    const read = readOptions<CategoricalGeneralizedCrossEntropyOptions>(where, names, [q, ...rest]);
    super(read);
    this.q = qOf(where, read.q ?? 0.5);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return categoricalGeneralizedCrossEntropy(yTrue, yPred, this.q);
  }

  override getConfig(): object {
    return { ...super.getConfig(), q: this.q };
  }
}
