import { badArgument, shown, whole } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type TensorLike, toTensor } from './apply.ts';
import { axisOf } from './arguments.ts';
import { matmul, stack } from './combine.ts';
import { einsum } from './einsum.ts';
import { mul, sub } from './elementwise.ts';
import { flatten, moveaxis, reshape } from './shape.ts';
import { at } from './slicing.ts';
import { commonDType, inDType } from './whole.ts';

const alphabet = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** What {@link tensordot} sums over. */
export type DotAxes = number | readonly [number | readonly number[], number | readonly number[]];

/**
 * The products of two tensors summed over some axes: the last `axes` of the first with the first of the second, or two
 * lists of axes that go together. 2 if left out.
 *
 * @see https://keras.io/api/ops/numpy/#tensordot-function
 */
export function tensordot(x: TensorLike, y: TensorLike, axes: DotAxes = 2): Tensor {
  const [a, b] = [toTensor(x, 'tensordot'), toTensor(y, 'tensordot')];
  const [left, right] = pairsOf(a, b, axes);
  const of = (t: Tensor, offset: number) => t.shape.map((_, axis) => alphabet[axis + offset]!);
  const [p, q] = [of(a, 0), of(b, a.rank)];
  for (const [i, axis] of left.entries()) q[right[i]!] = p[axis]!;
  const rest = [...p.filter((_, axis) => !left.includes(axis)), ...q.filter((_, axis) => !right.includes(axis))];
  const product = einsum(`${p.join('')},${q.join('')}->${rest.join('')}`, a, b);
  return inDType([product], commonDType([a, b]))[0]!;
}

function pairsOf(a: Tensor, b: Tensor, axes: DotAxes): [number[], number[]] {
  if (typeof axes === 'number') {
    const n = whole('tensordot', 'axes', axes, 0, Math.min(a.rank, b.rank));
    return [Array.from({ length: n }, (_, i) => a.rank - n + i), Array.from({ length: n }, (_, i) => i)];
  }
  if (!Array.isArray(axes) || axes.length !== 2)
    throw badArgument('tensordot', `axes must be a number or two lists of axes; received ${shown(axes)}.`);
  const list = (given: unknown, t: Tensor) =>
    (Array.isArray(given) ? given : [given]).map((axis) => axisOf('tensordot', axis, t));
  const [left, right] = [list(axes[0], a), list(axes[1], b)];
  if (left.length !== right.length)
    throw badArgument('tensordot', `axes must be two lists of one length; received ${shown(axes)}.`);
  return [left, right];
}

/**
 * NumPy's dot product: of vectors their product, of matrices the matrix product; else the last axis of the first with
 * the last but one of the second. A scalar multiplies.
 *
 * @see https://keras.io/api/ops/numpy/#dot-function
 */
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [toTensor(x, 'dot'), toTensor(y, 'dot')];
  if (a.rank === 0 || b.rank === 0) return mul(a, b);
  if (a.rank <= 2 && b.rank <= 2) return inDType([matmul(a, b)], commonDType([a, b]))[0]!;
  return tensordot(a, b, [-1, b.rank === 1 ? 0 : -2]);
}

/**
 * The products of two tensors summed over the last axis of both.
 *
 * @see https://keras.io/api/ops/numpy/#inner-function
 */
export function inner(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [toTensor(x, 'inner'), toTensor(y, 'inner')];
  return a.rank === 0 || b.rank === 0 ? mul(a, b) : tensordot(a, b, [-1, -1]);
}

/**
 * The dot product of all elements of two tensors.
 *
 * @see https://keras.io/api/ops/numpy/#vdot-function
 */
export function vdot(x: TensorLike, y: TensorLike): Tensor {
  return tensordot(flatten(x), flatten(y), 1);
}

/**
 * Kronecker's product: each element of the first times the whole second tensor.
 *
 * @see https://keras.io/api/ops/numpy/#kron-function
 */
export function kron(x: TensorLike, y: TensorLike): Tensor {
  const [a, b] = [toTensor(x, 'kron'), toTensor(y, 'kron')];
  const rank = Math.max(a.rank, b.rank);
  const full = (t: Tensor) => [...Array<number>(rank - t.rank).fill(1), ...t.shape.map((_, i) => t.dim(i))];
  const [p, q] = [full(a), full(b)];
  const each = mul(
    reshape(
      a,
      p.flatMap((n) => [n, 1]),
    ),
    reshape(
      b,
      q.flatMap((n) => [1, n]),
    ),
  );
  return reshape(
    each,
    p.map((n, i) => n * q[i]!),
  );
}

/**
 * The cross product of vectors of 3 (or 2, whose third component is 0) elements along an axis, the last if left out; of
 * two vectors of 2 elements the third component alone.
 *
 * @see https://keras.io/api/ops/numpy/#cross-function
 */
export function cross(x: TensorLike, y: TensorLike, axis = -1): Tensor {
  const components = (given: TensorLike): (Tensor | null)[] => {
    const t = toTensor(given, 'cross');
    const last = moveaxis(t, axisOf('cross', axis, t), -1);
    const n = last.dim(-1);
    if (n !== 2 && n !== 3) throw badArgument('cross', `the vectors must have 2 or 3 elements; received ${t}.`);
    const of = (i: number) => at(last, ...Array<null>(last.rank - 1).fill(null), i);
    return [of(0), of(1), n === 3 ? of(2) : null];
  };
  const [a, b] = [components(x), components(y)];
  const product = (p: Tensor | null | undefined, q: Tensor | null | undefined) => (p && q ? mul(p, q) : 0);
  const minor = (i: number, j: number) => sub(product(a[i], b[j]), product(a[j], b[i]));
  const third = minor(0, 1);
  if (a[2] === null && b[2] === null) return third;
  return moveaxis(stack([minor(1, 2), minor(2, 0), third], -1), -1, axis);
}
