import { badArgument, finite, oneOf, shown, whole } from '../errors.ts';
import { apply } from '../ops/apply.ts';
import { unknownOption } from '../options.ts';
import { scalar, tensor } from './from.ts';
import type { Tensor } from './tensor.ts';
import { checkDType, checkShape, type DType, type Shape } from './types.ts';

/** What functions take that make a tensor of a dtype. */
export interface DTypeOptions {
  /** What it holds; each function says what it is if left out. */
  dtype?: DType | undefined;
}

function dtypeOf(where: string, options: DTypeOptions, usual: DType): DType {
  unknownOption(where, options, ['dtype']);
  return options.dtype === undefined ? usual : checkDType(where, options.dtype);
}

/**
 * A tensor of one number; float32 if no dtype is given.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a shape with unknown sides
 */
export function full(shape: Shape, value: number, options: DTypeOptions = {}): Tensor {
  if (typeof value !== 'number') throw badArgument('full', `value must be a number; received ${shown(value)}.`);
  const dtype = dtypeOf('full', options, 'float32');
  return apply('broadcastTo', { shape: checkShape('full', shape) }, [scalar(value, dtype)])[0]!;
}

/** A tensor of zeros; float32 if no dtype is given. */
export function zeros(shape: Shape, options: DTypeOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** A tensor of ones; float32 if no dtype is given. */
export function ones(shape: Shape, options: DTypeOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** A matrix [rows, columns] with ones on a diagonal: the main one, or the `k`-th above it; float32 if no dtype is given. */
export function eye(
  rows: number,
  columns: number = rows,
  options: DTypeOptions & { k?: number | undefined } = {},
): Tensor {
  const { k = 0, ...rest } = options;
  whole('eye', 'rows', rows, 0);
  whole('eye', 'columns', columns, 0);
  whole('eye', 'k', k);
  const dtype = dtypeOf('eye', rest, 'float32');
  const row = arange(rows, { dtype: 'int32' }).reshape([rows, 1]).add(k);
  return row.equal(arange(columns, { dtype: 'int32' })).cast(dtype);
}

/** The numbers from `start` up to, without, `stop`; int32 if all are whole. */
export function arange(stop: number, options?: DTypeOptions): Tensor;
export function arange(start: number, stop: number, step?: number, options?: DTypeOptions): Tensor;
export function arange(a: number, b?: number | DTypeOptions, step = 1, options: DTypeOptions = {}): Tensor {
  if (typeof b !== 'number') return arange(0, a, 1, b);
  for (const [name, value] of Object.entries({ start: a, stop: b, step })) finite('arange', name, value);
  if (step === 0) throw badArgument('arange', 'step must not be 0.');
  const usual = [a, b, step].every(Number.isInteger) ? 'int32' : 'float32';
  const count = whole('arange', 'the number of elements', Math.max(0, Math.ceil((b - a) / step)), 0);
  const values = Float64Array.from({ length: count }, (_, i) => a + i * step);
  return tensor(values, { dtype: dtypeOf('arange', options, usual) });
}

/** `count` evenly spaced numbers from `start` to `stop`; `stop` is the last unless `endpoint` is false. 50 and float32 if left out. */
export function linspace(
  start: number,
  stop: number,
  count = 50,
  options: DTypeOptions & { endpoint?: boolean | undefined } = {},
): Tensor {
  const { endpoint = true, ...rest } = options;
  finite('linspace', 'start', start);
  finite('linspace', 'stop', stop);
  whole('linspace', 'count', count, 0);
  oneOf('linspace', 'endpoint', String(endpoint), ['true', 'false']);
  const parts = Math.max(1, endpoint ? count - 1 : count);
  const values = Float64Array.from({ length: count }, (_, i) => start + ((stop - start) * i) / parts);
  return tensor(values, { dtype: dtypeOf('linspace', rest, 'float32') });
}
