import { badArgument, shown, wrapNative } from '../errors.ts';
import type { ElementwiseArity, OpAttributes, OpName } from '../generated/ops.ts';
import { native } from '../native.ts';
import { currentTrace } from '../tensor/context.ts';
import { type Nested, scalar, type TypedArray, tensor } from '../tensor/from.ts';
import { type Node, nextSerial } from '../tensor/node.ts';
import { currentPath, origin } from '../tensor/origin.ts';
import { longestChain, realiseSync } from '../tensor/realise.ts';
import type { Slot } from '../tensor/slot.ts';
import { Tensor } from '../tensor/tensor.ts';
import { type DType, describe, isFloat } from '../tensor/types.ts';

/** A tensor, or what becomes one: a number, a boolean, nested or typed arrays. */
export type TensorLike = Tensor | Nested | TypedArray;

/** Attributes as an op is given them, which it leaves as they are. */
type Given<T> = { readonly [K in keyof T]: Given<T[K]> };

/** The attributes of an op. */
export type AttributesOf<N extends OpName> = Given<OpAttributes[N]>;

/** The ops of the table of elementwise ops that take so many operands and no attributes. */
export type Elementwise<Arity extends 1 | 2 | 3> = {
  [N in keyof ElementwiseArity]: N extends Bare ? (ElementwiseArity[N] extends Arity ? N : never) : never;
}[keyof ElementwiseArity];

type Bare = { [N in OpName]: OpAttributes[N] extends Record<string, never> ? N : never }[OpName];

type Operands<N extends OpName> = N extends keyof ElementwiseArity
  ? {
      1: readonly [TensorLike];
      2: readonly [TensorLike, TensorLike];
      3: readonly [TensorLike, TensorLike, TensorLike];
    }[ElementwiseArity[N]]
  : readonly TensorLike[];

const none: Record<string, never> = {};
const plain = new Map<string, number>();
const configured = new Map<string, number>();

/** JSON has no word for numbers that are not finite; the addon knows their names. */
const writable = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** The id of an op with its attributes. */
function opId(name: string, attributes: object): number {
  const bare = attributes === none;
  const key = bare ? name : name + JSON.stringify(attributes, writable);
  const known = (bare ? plain : configured).get(key);
  if (known !== undefined) return known;
  const id = native().internOp(name, bare ? '{}' : key.slice(name.length));
  (bare ? plain : configured).set(key, id);
  return id;
}

/** The least and the most of narrow integers. */
const narrow: Partial<Record<DType, [least: number, most: number]>> = { uint8: [0, 255], int8: [-128, 127] };

/** Integers wide enough that a number beside one of them stays whole. */
const wide: Partial<Record<DType, [least: number, most: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/**
 * A number beside a tensor: whole numbers stay what they are beside int32 and wider, beside bfloat16 all are that;
 * others are float32, so that uint8 pixels never wrap.
 */
function besides(value: number, beside: DType | undefined): Tensor {
  if (beside === 'bfloat16') return scalar(value, beside);
  const range = beside && wide[beside];
  if (!range || !Number.isSafeInteger(value)) return scalar(value, 'float32');
  return scalar(value, value >= range[0] && value <= range[1] ? beside : 'int64');
}

/**
 * What an operation on bits is given: plain numbers are whole, of the dtype of the tensor beside them where they fit it,
 * else int32 or wider. What is not whole stays what it is, for the op to refuse.
 */
export function wholeBeside(x: TensorLike, beside?: TensorLike): TensorLike {
  if (Array.isArray(x)) return reapply('cast', { dtype: 'int32' }, [x])[0]!;
  if (typeof x !== 'number') return x;
  const dtype = beside instanceof Tensor ? beside.dtype : 'int32';
  const range = narrow[dtype];
  const fits = range !== undefined && Number.isInteger(x) && x >= range[0] && x <= range[1];
  return fits ? scalar(x, dtype) : besides(x, wide[dtype] ? dtype : 'int32');
}

/** Makes a tensor of a number, array or tensor; `beside` is what a number is combined with. */
export function toTensor(x: TensorLike, where = 'tensor', beside?: DType): Tensor {
  if (x instanceof Tensor) return x.operand();
  if (typeof x === 'number') return besides(x, beside);
  if (typeof x === 'boolean' || Array.isArray(x) || ArrayBuffer.isView(x)) return tensor(x);
  throw badArgument(where, `expected a tensor or numbers; received ${shown(x)}.`);
}

const isInteger = (t: Tensor): boolean => t.number === null && !isFloat(describe(t.type).dtype);

/** The node of an op; its outputs are still to be made. */
export function applied(name: string, attributes: object, inputs: readonly Tensor[], slot: Slot | null = null): Node {
  for (const input of inputs) input.used = true;
  const traced = currentTrace() !== null;
  // Outside traces an op can only fail at run time for its indices or labels.
  return {
    name,
    op: opId(name, attributes),
    attributes,
    inputs,
    outputs: [],
    origin: origin(traced || inputs.some(isInteger)),
    traced,
    slot,
    serial: nextSerial(),
    mark: 0,
    index: 0,
  };
}

/**
 * Applies an op: one node, whose output types the op's shape rule says. Throws a `FoveaError` that
 * names the layer or op.
 */
export function apply<N extends OpName>(name: N, attributes: AttributesOf<N>, inputs: Operands<N>): Tensor[] {
  return reapply(name, attributes, inputs);
}

/** Applies an op as a node or a config recorded it: whether there is such an op, the addon says. */
export function reapply(name: string, attributes: object, inputs: readonly TensorLike[]): Tensor[] {
  const where = currentPath() || name;
  const first = name === 'where' ? 1 : 0;
  const beside = inputs.find((x, i): x is Tensor => i >= first && x instanceof Tensor)?.dtype;
  const tensors = inputs.map((x) => toTensor(x, where, beside));
  const types = inferred(name, attributes, tensors, where);
  const node = applied(name, attributes, tensors);
  let symbolic = false;
  let tracked = false;
  let depth = 0;
  for (const t of tensors) {
    symbolic ||= t.symbolic;
    tracked ||= t.tracked;
    if (t.depth > depth) depth = t.depth;
  }
  tracked &&= name !== 'stopGradient';
  node.outputs = types.map((type, i) => {
    const output = new Tensor(node, i, type, symbolic, tracked && isFloat(describe(type).dtype));
    output.depth = depth + 1;
    return output;
  });
  if (depth >= longestChain && !symbolic && !currentTrace()) realiseSync(node.outputs);
  return node.outputs as Tensor[];
}

function inferred(name: string, attributes: object, inputs: Tensor[], where: string): number[] {
  try {
    return native().infer(
      opId(name, attributes),
      inputs.map((t) => t.type),
    );
  } catch (error) {
    throw wrapNative(error, undefined, where);
  }
}

/** Applies an elementwise op without attributes. */
export function one<N extends Elementwise<1 | 2 | 3>>(name: N, ...inputs: Operands<N>): Tensor {
  return reapply(name, none, inputs)[0]!;
}
