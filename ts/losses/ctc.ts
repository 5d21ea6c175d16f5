import { FoveaError } from '../errors.ts';
import { type TensorLike, toTensor } from '../ops/apply.ts';
import {
  add,
  at,
  cast,
  concat,
  equal,
  expandDims,
  logicalAnd,
  logSoftmax,
  logsumexp,
  matmul,
  neg,
  notEqual,
  oneHot,
  reshape,
  stack,
  sum,
  swapaxes,
  where,
} from '../ops/index.ts';
import { arange, full, type Tensor, zeros } from '../tensor.ts';
import { floats } from './align.ts';
import { PlainLoss } from './loss.ts';

/** A logarithm of 0 that stays finite, so that gradients do. */
const never = -1e30;

/** A matrix with its columns moved to the right, and what comes in from the left. */
const shifted = (x: Tensor, by: number, value: number): Tensor =>
  concat([full([x.dim(0), by], value, { dtype: x.dtype }), at(x, null, [0, x.dim(1) - by])], 1);

/**
 * −log of the probability of a sequence of labels, over all ways to spread it in time with blanks (class 0) and repeats
 * in between. Labels [batch, length], padded with 0 at the end, logits [batch, time, classes]; one value for each
 * sequence.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for other ranks
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export function ctc(yTrue: TensorLike, yPred: TensorLike): Tensor {
  const labels = cast(toTensor(yTrue, 'ctc'), 'int32');
  const logits = floats('ctc', yPred);
  if (labels.rank !== 2) throw misshapen('labels [batch, length]', labels);
  if (logits.rank !== 3) throw misshapen('logits [batch, time, classes]', logits);
  const [batch, length] = [labels.dim(0), labels.dim(1)];
  const [time, classes] = [logits.dim(1), logits.dim(2)];
  const states = 2 * length + 1;
  // Blank, label, blank, label, …, blank.
  const spread = reshape(stack([zeros([batch, length], { dtype: 'int32' }), labels], 2), [batch, 2 * length]);
  const path = concat([spread, zeros([batch, 1], { dtype: 'int32' })], 1);
  // What each state emits at each time: [batch, time, states].
  const emitted = matmul(logSoftmax(logits, -1), swapaxes(oneHot(path, classes), 1, 2));
  // A blank between two labels may be left out unless they are equal.
  const differs = logicalAnd(notEqual(path, 0), notEqual(path, shifted(path, Math.min(2, states), 0)));
  const place = reshape(arange(states, { dtype: 'int32' }), [1, states]);
  let reached = where(place.less(2), at(emitted, null, 0), never);
  for (let t = 1; t < time; t++) {
    const jump = where(differs, shifted(reached, Math.min(2, states), never), never);
    const ways = stack([reached, shifted(reached, 1, never), jump], 2);
    reached = add(logsumexp(ways, 2), at(emitted, null, t));
  }
  const end = expandDims(cast(sum(cast(notEqual(labels, 0), 'int32'), -1), 'int32').mul(2), -1);
  const final = equal(place, end).logicalOr(equal(place, end.sub(1)));
  return neg(logsumexp(where(final, reached, never), 1));
}

function misshapen(wanted: string, received: Tensor): FoveaError {
  return new FoveaError('SHAPE_MISMATCH', `ctc: expected ${wanted}, received ${received}.`, 'ctc');
}

/**
 * Connectionist temporal classification: −log of the probability of a sequence whose place in time is unknown. Labels
 * [batch, length], padded with 0 (the class of the blank) at the end, logits [batch, time, classes]; one value for each
 * sequence.
 *
 * @throws FoveaError `SHAPE_MISMATCH` for other ranks
 * @see https://keras.io/api/losses/probabilistic_losses/
 */
export class CTC extends PlainLoss {
  static readonly className: string = 'CTC';

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return ctc(yTrue, yPred);
  }
}
