import { FoveaError } from '../errors.ts';
import { flatten } from '../layers/nest.ts';
import * as ops from '../ops/index.ts';
import { realise } from '../tensor/realise.ts';
import { isFloat } from '../tensor/types.ts';
import type { Tensor } from '../tensor.ts';
import type { Batch } from './batch.ts';

const known = new WeakSet<object>();

/**
 * Computes the tensors of a batch and throws `NOT_FINITE` if a number in them is none: through a ReLU a
 * NaN can become 0, and training would go on as if nothing had happened.
 */
export async function checkedBatch(where: string, batch: Batch): Promise<void> {
  const floats = Object.entries(batch).flatMap(([name, part]) =>
    flatten(part).flatMap((t) => (isFloat(t.dtype) && !(t.buffer && known.has(t.buffer)) ? [{ name, t }] : [])),
  );
  const checks = floats.map(({ t }) => ops.all(ops.isFinite(t)));
  // Data lie on the host: batches of them go to a device when their turn comes.
  await realise([...Object.values(batch).flatMap(flatten), ...checks], 'cpu');
  for (const [i, { name, t }] of floats.entries()) {
    if ((await checks[i]!.item()) !== 1) throw await spoilt(where, name, t);
    if (t.buffer) known.add(t.buffer);
  }
}

async function spoilt(where: string, name: string, t: Tensor): Promise<FoveaError> {
  const place = await ops.argmax(ops.reshape(ops.logicalNot(ops.isFinite(t)).cast('int32'), [-1])).item();
  const sample = Math.floor(place / Math.max(1, t.size / t.dim(0)));
  return new FoveaError(
    'NOT_FINITE',
    `${where}: ${name} holds NaN or infinity, first in sample ${sample}. Clean the data first.`,
    where,
  );
}
