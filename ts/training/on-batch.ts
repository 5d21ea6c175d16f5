import type { Logs } from '../callbacks/callback.ts';
import { flatten } from '../layers/nest.ts';
import { unknownOption } from '../options.ts';
import { fromBuffer } from '../tensor/from.ts';
import { eventsFirst, runSoon } from '../tensor/soon.ts';
import { bufferOf } from '../tensor/values.ts';
import { whileWritten } from '../trace.ts';
import { type Batch, type Data, isBatch, toBatch } from './batch.ts';
import { byClass, type ClassWeight } from './class-weight.ts';
import { checkedBatch } from './finite.ts';
import { toLogs } from './logs.ts';
import type { Evaluation } from './state.ts';
import { type Kind, stepFailure } from './traced.ts';
import type { Trainer } from './trainer.ts';

/** Options of `trainOnBatch` and `testOnBatch`. */
export interface BatchOptions {
  /** How much each sample counts. */
  sampleWeight?: Data | null | undefined;
  /** How much the samples of each class count; of `trainOnBatch` only. */
  classWeight?: ClassWeight | null | undefined;
}

/** The batch of the arguments. */
export function batchOf(where: string, x: unknown, y: unknown, options: BatchOptions = {}): Batch {
  unknownOption(where, options, where === 'trainOnBatch' ? ['sampleWeight', 'classWeight'] : ['sampleWeight']);
  const record = isBatch(x) && y === undefined ? x : { x, ...(y === undefined ? {} : { y }) };
  const { sampleWeight, classWeight } = options;
  return byClass(classWeight)(toBatch(where, sampleWeight ? { ...(record as object), sampleWeight } : record));
}

/** Runs one step and gives its logs. */
export async function onBatch(
  model: Trainer,
  where: string,
  kind: Kind,
  batch: Batch,
  evaluation?: Evaluation,
): Promise<Logs> {
  await eventsFirst();
  await checkedBatch(where, batch);
  const { fn, logs } = await model.training.step(kind, batch, evaluation);
  try {
    const operands = [...flatten(batch).map(bufferOf), ...fn.operands];
    const outputs = await whileWritten([fn], () => runSoon(fn.plan, operands));
    const values = await Promise.all(outputs.map((buffer) => fromBuffer(buffer).item()));
    return toLogs(logs, values);
  } catch (error) {
    throw stepFailure(model, fn, error, where);
  }
}
