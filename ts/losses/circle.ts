import { finite, flag } from '../errors.ts';
import { setMask } from '../layers/mask.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import {
  add,
  cast,
  equal,
  greater,
  logicalAnd,
  logicalNot,
  logsumexp,
  matmul,
  maximum,
  mul,
  reshape,
  softplus,
  sub,
  transpose,
  where,
} from '../ops/index.ts';
import { readOptions } from '../options.ts';
import { eye, type Tensor } from '../tensor.ts';
import { floats } from './align.ts';
import { Loss, type LossArguments, type LossOptions, lossOptions } from './loss.ts';

/** What {@link Circle} and {@link circle} choose. */
export interface CircleShape {
  /** How steep it is, 80 if left out. */
  gamma?: number | undefined;
  /** How far apart similarities of one class and of two should be, 0.4 if left out. */
  margin?: number | undefined;
  /** Whether a sample counts as no pair with itself, `true` if left out. */
  removeDiagonal?: boolean | undefined;
}

/** Options of {@link circle}. */
export interface CircleReferences extends CircleShape {
  /** The classes of `refEmbeddings`, the labels themselves if left out. */
  refLabels?: TensorLike | null | undefined;
  /** What embeddings are compared with, they themselves if left out. */
  refEmbeddings?: TensorLike | null | undefined;
}

/** Checks options and fills in the defaults. */
function shapeOf(where_: string, { gamma = 80, margin = 0.4, removeDiagonal = true }: CircleShape) {
  return {
    gamma: finite(where_, 'gamma', gamma),
    margin: finite(where_, 'margin', margin),
    removeDiagonal: flag(where_, 'removeDiagonal', removeDiagonal),
  };
}

/**
 * Draws embeddings of one class together and those of others apart, the more so the further they are from where they
 * should be. Labels, the numbers of the classes, [batch], embeddings of length 1 [batch, n]; one value for each sample.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function circle(
  yTrue: TensorLike,
  yPred: TensorLike,
  refLabels?: TensorLike | null | CircleReferences,
  refEmbeddings?: TensorLike | null | CircleReferences,
  removeDiagonal?: boolean | CircleReferences,
  gamma?: number | CircleReferences,
  margin?: number | CircleReferences,
): Tensor {
  const names = ['refLabels', 'refEmbeddings', 'removeDiagonal', 'gamma', 'margin'] as const;
  const given = [refLabels, refEmbeddings, removeDiagonal, gamma, margin];
  const read = readOptions<CircleReferences>('circle', names, given);
  const { gamma: steep, margin: apart, removeDiagonal: others } = shapeOf('circle', read);
  const y = floats('circle', yPred);
  const references = floats('circle', read.refEmbeddings ?? y);
  const distances = maximum(sub(1, matmul(y, transpose(references))), 0);
  const labels = reshape(cast(toTensor(yTrue, 'circle'), 'int32'), [-1, 1]);
  const known = reshape(cast(toTensor(read.refLabels ?? yTrue, 'circle'), 'int32'), [1, -1]);
  const same = equal(labels, known);
  const self = eye(labels.dim(0), known.dim(1), { dtype: 'bool' });
  const near = others ? logicalAnd(same, logicalNot(self)) : same;
  const far = logicalNot(same);
  const attract = mul(mul(maximum(add(distances, apart), 0), sub(apart, distances)), -steep);
  const repel = mul(mul(maximum(sub(1 + apart, distances), 0), sub(1 - apart, distances)), steep);
  const total = (mask: Tensor, x: Tensor) => logsumexp(where(mask, x, -Infinity), 1);
  const values = softplus(add(total(near, attract), total(far, repel)));
  setMask(values, greater(values, 0));
  return values;
}

/** Options of {@link Circle}. */
export interface CircleOptions extends CircleShape, LossOptions {}

/**
 * Draws embeddings of one class together and those of others apart. Labels, the numbers of the classes, [batch] or
 * [batch, 1], embeddings of length 1 [batch, n]; one value for each sample, of which those above 0 count.
 *
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class Circle extends Loss {
  static readonly className: string = 'Circle';
  /** What was chosen, with the defaults filled in. */
  readonly options: ReturnType<typeof shapeOf>;

  constructor(
    gamma?: number | CircleOptions,
    margin?: number | CircleOptions,
    removeDiagonal?: boolean | CircleOptions,
    ...rest: LossArguments<CircleOptions>
  ) {
    const names = ['gamma', 'margin', 'removeDiagonal', ...lossOptions] as const;
    const given = [gamma, margin, removeDiagonal, ...rest];
    const read = readOptions<CircleOptions>('Circle', names, given);
    super(read);
    this.options = shapeOf('Circle', read);
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return circle(yTrue, yPred, this.options);
  }

  override getConfig(): object {
    return { ...super.getConfig(), ...this.options };
  }
}
