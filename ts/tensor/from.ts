import { badArgument, shown } from '../errors.ts';
import { calling, type NativeBuffer } from '../native.ts';
import { unknownOption } from '../options.ts';
import { leaf } from './node.ts';
import { bytesOf, storageOf } from './storage.ts';
import { Tensor } from './tensor.ts';
import { checkDType, checkShape, type DType, isFloat, type Shape, typeId } from './types.ts';

/** Numbers, or arrays of them in arrays. */
export type Nested = number | boolean | readonly Nested[];

/** The typed arrays that tensors are made of. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array;

/** What `tensor` takes besides the numbers. */
export interface TensorOptions {
  /** The sides; by default those of the nesting. */
  shape?: Shape | undefined;
  /** By default a typed array's own, bool for booleans, else float32. */
  dtype?: DType | undefined;
}

/** A typed array's dtype here; Float64Array and 16-bit integers take the nearest there is. */
const ownDType: Record<string, DType> = {
  Float32Array: 'float32',
  Float64Array: 'float32',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  BigInt64Array: 'int64',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Int8Array: 'int8',
  Int16Array: 'int32',
  Uint16Array: 'int32',
};

/** A constant of rank 0 that plans take as a run-time number. */
export function scalar(value: number, dtype: DType): Tensor {
  const constant = new Tensor(leaf('number'), 0, typeId(dtype, []));
  constant.number = value;
  return constant;
}

/** A tensor of values that lie in Rust's memory already. */
export function fromBuffer(buffer: NativeBuffer): Tensor {
  const constant = new Tensor(leaf('data'), 0, buffer.type);
  constant.buffer = buffer;
  return constant;
}

/** A tensor of bytes that are already those of its type. */
export function fromBytes(dtype: DType, shape: Shape, bytes: Uint8Array): Tensor {
  const type = typeId(dtype, shape);
  return fromBuffer(calling((addon) => addon.NativeBuffer.from(type, bytes)));
}

/**
 * A tensor of nested or typed arrays, which are copied. Float64Array becomes float32, 16-bit integers int32.
 *
 * @throws FoveaError `BAD_ARGUMENT` for ragged arrays, a number that the dtype cannot hold, or a shape that does not fit
 */
export function tensor(values: Nested | TypedArray, options: TensorOptions = {}): Tensor {
  unknownOption('tensor', options, ['shape', 'dtype']);
  const dtype = options.dtype === undefined ? undefined : checkDType('tensor', options.dtype);
  if (ArrayBuffer.isView(values)) return fromTyped(values as TypedArray, dtype, options.shape);
  const flat: (number | boolean)[] = [];
  const nesting = flatten(values, flat);
  const own: DType = flat.length > 0 && flat.every((x) => typeof x === 'boolean') ? 'bool' : 'float32';
  return made(flat, dtype ?? own, options.shape ?? nesting);
}

function fromTyped(values: TypedArray, dtype: DType | undefined, shape: Shape = [values.length]): Tensor {
  // Not the constructor's name: a Buffer is a Uint8Array too.
  const kind = values[Symbol.toStringTag];
  const own = ownDType[kind];
  if (!own) throw badArgument('tensor', `cannot take a ${kind}.`);
  if (values.buffer instanceof ArrayBuffer && (values.buffer as { detached?: boolean }).detached)
    throw badArgument('tensor', `the ${kind} is detached.`);
  const same = (dtype ?? own) === own && storageOf(own).name === kind;
  if (!same) return made(values, dtype ?? own, shape);
  checkCount(values.length, shape);
  return fromBytes(own, shape, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function checkCount(count: number, shape: Shape): void {
  const wanted = checkShape('tensor', shape).reduce<number>((n, side) => n * (side ?? 1), 1);
  if (wanted !== count) throw badArgument('tensor', `shape ${shown(shape)} has ${wanted} elements; received ${count}.`);
}

/** Converts elements one by one; integers must fit, since wrapped ones would be lies. */
function made(flat: ArrayLike<number | boolean | bigint>, dtype: DType, shape: Shape): Tensor {
  checkCount(flat.length, shape);
  const Storage = storageOf(dtype);
  const elements = new Storage(flat.length);
  for (let i = 0; i < flat.length; i++) {
    const x = flat[i]!;
    if (dtype === 'int64') elements[i] = toBigInt(x);
    else if (dtype === 'bool') elements[i] = x ? 1 : 0;
    else {
      elements[i] = Number(x);
      if (!isFloat(dtype) && elements[i] !== Number(x))
        throw badArgument('tensor', `${shown(x)} is no ${dtype}; received it as element ${i}.`);
    }
  }
  return fromBytes(dtype, shape, bytesOf(dtype, elements));
}

function toBigInt(x: number | boolean | bigint): bigint {
  if (typeof x === 'bigint') return x;
  if (Number.isSafeInteger(Number(x))) return BigInt(x);
  throw badArgument('tensor', `${shown(x)} is no int64.`);
}

/** Puts the numbers into `flat` and gives the sides; ragged nesting throws. */
function flatten(values: unknown, flat: (number | boolean)[]): Shape {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level) && shape.length <= 32; level = level[0]) shape.push(level.length);
  const walk = (value: unknown, depth: number): void => {
    if (depth < shape.length) {
      if (!Array.isArray(value) || value.length !== shape[depth])
        throw badArgument(
          'tensor',
          `the arrays are ragged: on level ${depth} expected ${shape[depth]} elements; received ${shown(value)}.`,
        );
      for (const inner of value) walk(inner, depth + 1);
    } else if (typeof value === 'number' || typeof value === 'boolean') flat.push(value);
    else throw badArgument('tensor', `expected numbers, booleans or arrays of them; received ${shown(value)}.`);
  };
  walk(values, 0);
  return shape;
}
