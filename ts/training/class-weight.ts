import { badArgument, FoveaError, finite } from '../errors.ts';
import { add, argmax, cast, equal, mul, squeeze } from '../ops/index.ts';
import { isRecord } from '../options.ts';
import { Tensor } from '../tensor.ts';
import type { Batch } from './batch.ts';
import type { Change } from './feed.ts';

/** How much each class counts, by its number; 1 where it is left out. */
export type ClassWeight = { readonly [label: number]: number };

/** Labels as the numbers of classes, one for each sample. */
function labelsOf(y: Tensor): Tensor {
  if (y.rank > 2)
    throw new FoveaError('BAD_ARGUMENT', `classWeight needs labels [n], [n, 1] or one-hot; received ${y}.`);
  if (y.rank < 2) return cast(y, 'int32');
  return y.shape[1] === 1 ? cast(squeeze(y, -1), 'int32') : argmax(y, -1);
}

/** Gives each sample the weight of its class. */
export function byClass(weights: ClassWeight | null | undefined): Change {
  if (weights === null || weights === undefined) return (batch) => batch;
  if (!isRecord(weights)) throw badArgument('classWeight', 'must be a record of class numbers and weights.');
  const list = Object.entries(weights).map(([label, weight]) => {
    if (!/^\d+$/.test(label)) throw badArgument('classWeight', `'${label}' is no class number.`);
    return [Number(label), finite('classWeight', label, weight)] as const;
  });
  return (batch: Batch) => {
    if (batch.sampleWeight !== undefined) throw badArgument('fit', 'takes classWeight or sampleWeight, not both.');
    if (!(batch.y instanceof Tensor)) throw badArgument('classWeight', 'works for models with one output.');
    const labels = labelsOf(batch.y);
    let sampleWeight: Tensor | undefined;
    for (const [label, weight] of list) {
      const extra = mul(cast(equal(labels, label), 'float32'), weight - 1);
      sampleWeight = add(sampleWeight ?? 1, extra);
    }
    return sampleWeight === undefined ? batch : { ...batch, sampleWeight };
  };
}
