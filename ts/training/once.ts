import { flatten, mapNest } from '../layers/nest.ts';
import { fromBuffer } from '../tensor/from.ts';
import { eventsFirst, runSoon } from '../tensor/soon.ts';
import { bufferOf } from '../tensor/values.ts';
import { whileWritten } from '../trace.ts';
import type { Batch } from './batch.ts';
import type { EpochOptions, EpochOutcome } from './epoch.ts';
import { checkedBatch } from './finite.ts';
import { toLogs } from './logs.ts';
import { stepFailure } from './traced.ts';
import type { Trainer } from './trainer.ts';

/**
 * Predicts a single batch that lies in memory: one run of the plan. An epoch around it, with a source, an abort and what
 * waits for hooks, would take longer to begin than a small network runs.
 */
export async function predictOnce(
  model: Trainer,
  { where, progress }: EpochOptions,
  batch: Batch,
): Promise<EpochOutcome> {
  await eventsFirst();
  await checkedBatch(where, batch);
  const { fn, structure } = await model.training.step('predict', batch);
  const fed = flatten(batch).map(bufferOf);
  try {
    const buffers = await whileWritten([fn], () => runSoon(fn.plan, [...fed, ...fn.operands]));
    const logs = toLogs([], []);
    progress?.(1, logs);
    let next = 0;
    return { steps: 1, logs, outputs: mapNest(structure, () => fromBuffer(buffers[next++]!)) };
  } catch (error) {
    throw stepFailure(model, fn, error, where);
  }
}
