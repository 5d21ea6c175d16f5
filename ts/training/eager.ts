import type { Logs } from '../callbacks/callback.ts';
import { FoveaError } from '../errors.ts';
import { flatten, mapNest } from '../layers/nest.ts';
import { aborted } from '../native.ts';
import { concat } from '../ops/index.ts';
import { realise } from '../tensor/realise.ts';
import type { Tensor } from '../tensor.ts';
import type { Batch } from './batch.ts';
import type { EpochOptions, EpochOutcome } from './epoch.ts';
import type { Executions } from './executions.ts';
import { readLogs, sortedLogs } from './logs.ts';
import type { Trainer } from './trainer.ts';

/** Runs one epoch step by step: `call`, losses, metrics and `trainStep` run for each batch. */
export async function runEagerly(model: Trainer, executions: Executions, options: EpochOptions): Promise<EpochOutcome> {
  const { where, kind, feed, signal } = options;
  const parts: unknown[] = [];
  let steps = 0;
  let logs = {} as Logs;
  for await (const batch of feed.batches(options)) {
    if (signal?.aborted) throw aborted(signal, where);
    if (executions.beginsWith(steps)) await options.begin?.(steps);
    if (kind === 'predict') {
      const output = model.predictStep(batch);
      await realise(flatten(output).map((t) => t.source()));
      parts.push(output);
    } else logs = await eagerStep(model, options, batch);
    steps++;
    options.progress?.(steps, logs);
    if (!executions.completeAfter(steps)) continue;
    await options.end?.(executions.lastOf(steps - 1), logs);
    if (kind === 'train' && model.stopTraining) break;
  }
  if (!executions.completeAfter(steps)) await options.end?.(executions.lastOf(steps - 1), logs);
  if (signal?.aborted) throw aborted(signal, where);
  const lists = parts.map((part) => flatten(part));
  let index = 0;
  const outputs = parts.length === 0 ? null : mapNest(parts[0], () => joined(lists, index++));
  return { steps, logs, outputs };
}

const joined = (lists: readonly Tensor[][], index: number): Tensor => concat(lists.map((list) => list[index]!));

/** One step. If the loss is no number, everything is as it was before. */
async function eagerStep(model: Trainer, { where, kind, evaluation }: EpochOptions, batch: Batch): Promise<Logs> {
  const metrics = [...(evaluation?.shadows ?? [])];
  const state = [...model.variables, ...(model.training.compiled?.optimizer.variables ?? [])];
  const before = state.map((variable) => variable.value);
  const kept = metrics.map(([variable, shadow]) => {
    const value = variable.value;
    variable.assign(shadow.value);
    return value;
  });
  const logs = sortedLogs(model, kind, kind === 'train' ? model.trainStep(batch) : model.testStep(batch));
  await realise(logs.map(([, value]) => value));
  const read = await readLogs(logs);
  for (const [i, [variable, shadow]] of metrics.entries()) {
    shadow.assign(variable.value);
    variable.assign(kept[i]!);
  }
  if ('loss' in read && !Number.isFinite(read.loss)) {
    for (const [i, variable] of state.entries()) variable.assign(before[i]!);
    throw new FoveaError('NOT_FINITE', `${where}: the loss is ${read.loss}; the weights are those before.`, model.name);
  }
  return read;
}
