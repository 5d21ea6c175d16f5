import { badArgument, shown } from '../errors.ts';
import { type DType, dtypeSize } from '../generated/dtypes.ts';
import { calling } from '../native.ts';

export type { DType };

/** The sides of a tensor; `null` where a side is unknown while a model is built. */
export type Shape = readonly (number | null)[];

/** What an interned type id stands for. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

const described: TensorType[] = [];
const interned = new Map<string, number>();

/** The dtype and shape of a type id. */
export function describe(type: number): TensorType {
  described[type] ??= read(type);
  return described[type];
}

function read(type: number): TensorType {
  const { dtype, shape } = calling((addon) => addon.describeType(type));
  return { dtype: dtype as DType, shape: Object.freeze(shape.map((n) => (n < 0 ? null : n))) };
}

/** The id of a type. */
export function typeId(dtype: DType, shape: Shape): number {
  const key = `${dtype}[${shape.map((n) => n ?? '?').join()}]`;
  let id = interned.get(key);
  if (id === undefined) {
    const sides = shape.map((n) => n ?? -1);
    id = calling((addon) => addon.internType(dtype, sides));
    interned.set(key, id);
  }
  return id;
}

/** A type as messages and `toString` show it: `float32 [null, 28, 28, 1]`. */
export function showType({ dtype, shape }: TensorType): string {
  return `${dtype} [${shape.map(String).join(', ')}]`;
}

/** Whether a dtype is one of floats, which have gradients. */
export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'bfloat16';

/** Throws unless `dtype` is one. */
export function checkDType(where: string, dtype: unknown): DType {
  if (typeof dtype === 'string' && Object.hasOwn(dtypeSize, dtype)) return dtype as DType;
  throw badArgument(where, `dtype must be one of ${Object.keys(dtypeSize).join(', ')}; received ${shown(dtype)}.`);
}

/** Throws unless `shape` is an array of sides; `null` and so on only if `unknown` is allowed. */
export function checkShape(where: string, shape: unknown, unknown?: false): readonly number[];
export function checkShape(where: string, shape: unknown, unknown: boolean): Shape;
export function checkShape(where: string, shape: unknown, unknown = false): Shape {
  const side = (n: unknown) =>
    (typeof n === 'number' && Number.isInteger(n) && n >= 0 && n < 2 ** 31) || (unknown && n === null);
  if (Array.isArray(shape) && shape.length <= 32 && shape.every(side)) return shape;
  throw badArgument(
    where,
    `shape must be an array of whole numbers${unknown ? ' or null' : ''}; received ${shown(shape)}.`,
  );
}
