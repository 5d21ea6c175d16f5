import type { Logs, LogValue } from '../callbacks/logs.ts';
import { badArgument } from '../errors.ts';
import { cast, reshape, unstack } from '../ops/index.ts';
import { Tensor } from '../tensor.ts';
import type { Kind } from './traced.ts';
import type { Trainer } from './trainer.ts';

/** A log that a step gives: its name, and the shape of what it holds. */
export interface LogType {
  readonly key: string;
  readonly shape: readonly number[];
}

/** What a step returned, sorted by name as Keras sorts logs. */
export function sortedLogs(model: Trainer, kind: Kind, result: unknown): [string, Tensor][] {
  const where = `${model}: ${kind === 'train' ? 'trainStep' : 'testStep'}`;
  if (typeof result !== 'object' || result === null || result instanceof Tensor)
    throw badArgument(where, 'must return a record of tensors, as computeMetrics does.');
  return Object.entries(result as Record<string, unknown>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      if (!(value instanceof Tensor)) throw badArgument(where, `'${key}' must be a tensor; received ${String(value)}.`);
      const source = value.source();
      if (key === 'loss' && source.rank > 0)
        throw badArgument(where, `'loss' must be a scalar tensor; received ${String(value)}.`);
      return [key, source.dtype === 'float32' || source.dtype === 'int32' ? source : cast(source, 'float32')];
    });
}

/** The shapes of logs. */
export const logTypes = (logs: readonly (readonly [string, Tensor])[]): LogType[] =>
  logs.map(([key, value]) => ({ key, shape: value.shape as number[] }));

/** The single numbers of logs, one after the other: what native code reports. */
export const scalarsOf = (logs: readonly (readonly [string, Tensor])[]): Tensor[] =>
  logs.flatMap(([, value]) => (value.rank === 0 ? [value] : unstack(reshape(value, [-1]))));

/** Logs of their single numbers; those that are not there yet are `undefined`. */
export function toLogs(types: readonly LogType[], values: ArrayLike<number>): Logs {
  let next = 0;
  const nest = ([side, ...inner]: readonly number[]): LogValue =>
    side === undefined ? values[next++]! : Array.from({ length: side }, () => nest(inner));
  return Object.fromEntries(types.map(({ key, shape }) => [key, nest(shape)])) as Logs;
}

/** Reads logs. */
export async function readLogs(logs: readonly (readonly [string, Tensor])[]): Promise<Logs> {
  const values = logs.map(async ([key, value]) => [key, await value.array()] as const);
  return Object.fromEntries(await Promise.all(values)) as Logs;
}
