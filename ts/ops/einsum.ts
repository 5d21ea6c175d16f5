import { badArgument, FoveaError, shown } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isFloat, type Shape } from '../tensor/types.ts';
import { apply, type TensorLike, toTensor } from './apply.ts';
import { cast, equal, mul, where } from './elementwise.ts';
import { sum } from './reduce.ts';
import { expandDims, reshape, transpose } from './shape.ts';
import { commonDType, inDType, summable } from './whole.ts';

/** A tensor whose axes have labels. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

const name = 'einsum';

const wrong = (equation: unknown, sentence: string): FoveaError =>
  badArgument(name, `${sentence}; received equation ${shown(equation)}.`);

/**
 * Sums of products by Einstein's rule: `einsum('bij,bjk->bik', x, y)`. Each letter is an axis; letters that the output
 * lacks are summed over, a letter twice in one operand takes its diagonal, `...` stands for all other axes, which
 * broadcast. Without `->` the output has the letters that occur once, in order of the alphabet.
 *
 * @throws FoveaError `BAD_ARGUMENT` for an equation that does not fit the operands; `SHAPE_MISMATCH` if a letter's sides differ
 * @see https://keras.io/api/ops/numpy/#einsum-function
 */
export function einsum(equation: string, ...operands: TensorLike[]): Tensor {
  if (typeof equation !== 'string')
    throw badArgument(name, `the equation must be a string; received ${shown(equation)}.`);
  const [left = '', right, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (more.length > 0 || terms.length !== operands.length)
    throw wrong(equation, `expected one term for each of ${operands.length} operands, and at most one '->'`);
  const given = operands.map((x) => toTensor(x, name));
  const dtype = commonDType(given);
  const tensors = inDType(given, summable(dtype));
  const most = Math.max(
    ...terms.map((term, i) => (term.includes('...') ? tensors[i]!.rank - letters(term).length : 0)),
  );
  const labelled = terms.map((term, i) => ({ x: tensors[i]!, labels: labelsOf(equation, term, tensors[i]!) }));
  const output = right === undefined ? implied(labelled) : outputOf(equation, right, most, labelled);

  checkSides(equation, labelled);
  let result = summed(diagonal(labelled[0]!), needed(labelled.slice(1), output));
  for (let i = 1; i < labelled.length; i++) {
    const later = needed(labelled.slice(i + 1), output);
    const next = summed(diagonal(labelled[i]!), new Set([...later, ...result.labels]));
    result = product(result, next, later);
  }
  const { x } = ordered(result, output);
  // Keras keeps the sums of int8 in int32.
  return dtype === 'int8' ? x : inDType([x], dtype)[0]!;
}

const letters = (term: string): string[] => [...term.replace('...', '')];

/** The labels of an operand's axes; those of an ellipsis are numbered from the back, so that they line up. */
function labelsOf(equation: string, term: string, x: Tensor): string[] {
  const [before = '', after, ...more] = term.split('...');
  const own = [...before, ...(after ?? '')];
  const bad = own.find((letter) => !/[A-Za-z]/.test(letter));
  if (bad !== undefined || more.length > 0)
    throw wrong(equation, `a term is made of letters and at most one '...', not '${term}'`);
  const rest = x.rank - own.length;
  if (rest < 0 || (after === undefined && rest > 0)) throw wrong(equation, `'${term}' does not fit ${x}`);
  return [...before, ...ellipsis(rest), ...(after ?? '')];
}

/** Labels of an ellipsis of so many axes: `.2`, `.1`, `.0`. */
const ellipsis = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);

const occurrences = (operands: readonly Labelled[]): string[] => operands.flatMap(({ labels }) => labels);

function implied(operands: readonly Labelled[]): string[] {
  const all = occurrences(operands);
  const most = Math.max(0, ...all.filter((label) => label.startsWith('.')).map((label) => Number(label.slice(1)) + 1));
  const once = all.filter((label) => !label.startsWith('.') && all.indexOf(label) === all.lastIndexOf(label));
  return [...ellipsis(most), ...once.sort()];
}

function outputOf(equation: string, term: string, most: number, operands: readonly Labelled[]): string[] {
  const [before = '', after, ...more] = term.split('...');
  const labels = [...before, ...(after === undefined ? [] : ellipsis(most)), ...(after ?? '')];
  const all = new Set(occurrences(operands));
  const stray = labels.find((label, i) => (!all.has(label) && !label.startsWith('.')) || labels.indexOf(label) < i);
  if (stray !== undefined || more.length > 0)
    throw wrong(equation, `the output's letters must occur among the operands', each once in the output`);
  return labels;
}

function checkSides(equation: string, operands: readonly Labelled[]): void {
  const sides = new Map<string, number>();
  for (const { x, labels } of operands) {
    for (const [axis, label] of labels.entries()) {
      const side = x.shape[axis];
      if (typeof side !== 'number' || side === 1) continue;
      const known = sides.get(label);
      if (known !== undefined && known !== side)
        throw new FoveaError(
          'SHAPE_MISMATCH',
          `${name}: in '${equation}' axis '${label}' is ${known} in one operand and ${side} in another.`,
          name,
        );
      sides.set(label, side);
    }
  }
}

const needed = (later: readonly Labelled[], output: readonly string[]): Set<string> =>
  new Set([...occurrences(later), ...output]);

/** Takes the diagonal of axes with one label. */
function diagonal({ x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]!);
  const place = (axis: number) => {
    const shape = x.shape.map((_, i) => (i === axis ? x.dim(axis) : 1));
    return apply('iota', { dtype: 'int32', shape, axis }, [])[0]!;
  };
  const kept = where(equal(place(first), place(second)), x, cast(0, x.dtype));
  return diagonal({ x: sum(kept, second), labels: labels.filter((_, i) => i !== second) });
}

/** Sums over the axes that nobody needs. */
function summed({ x, labels }: Labelled, wanted: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]));
  if (axes.length === 0) return { x, labels };
  return { x: sum(x, axes), labels: labels.filter((label) => wanted.has(label)) };
}

/** The product of two operands, summed over the axes that nobody needs later. */
function product(a: Labelled, b: Labelled, later: ReadonlySet<string>): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const contracted = shared.filter((label) => !later.has(label));
  const batch = shared.filter((label) => later.has(label));
  const left = a.labels.filter((label) => !shared.includes(label));
  const right = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...left, ...right];
  const [p, q] = [a, b].map((part, i) => aligned(part, i === 0 ? b : a, contracted)) as [Labelled, Labelled];
  const multiplies = contracted.length === 0 || !isFloat(p.x.dtype) || !isFloat(q.x.dtype);
  if (multiplies) {
    const all = [...labels, ...contracted];
    return summed({ x: mul(spread(p, all), spread(q, all)), labels: all }, new Set(labels));
  }
  const x = grouped(ordered(p, [...batch, ...left, ...contracted]), batch.length, left.length);
  const y = grouped(ordered(q, [...batch, ...contracted, ...right]), batch.length, contracted.length);
  const z = apply('matmul', { transposeA: false, transposeB: false }, [x, y])[0]!;
  if (left.length === 1 && right.length === 1) return { x: z, labels };
  return { x: reshape(z, [...z.shape.slice(0, batch.length), ...sides(p, left), ...sides(q, right)]), labels };
}

const sides = ({ x, labels }: Labelled, wanted: readonly string[]): (number | null)[] =>
  wanted.map((label) => x.shape[labels.indexOf(label)]!);

/** Where a summed axis is 1 in the other operand, it can be summed over before. */
function aligned(part: Labelled, other: Labelled, contracted: readonly string[]): Labelled {
  const axes = contracted.flatMap((label) => {
    const axis = part.labels.indexOf(label);
    const one = other.x.shape[other.labels.indexOf(label)] === 1;
    return one && part.x.shape[axis] !== 1 ? [axis] : [];
  });
  return axes.length === 0 ? part : { x: sum(part.x, axes, { keepdims: true }), labels: part.labels };
}

/** The axes in the order of some labels. */
function ordered({ x, labels }: Labelled, wanted: readonly string[]): Labelled {
  const order = wanted.filter((label) => labels.includes(label)).map((label) => labels.indexOf(label));
  const moved = order.every((axis, i) => axis === i) ? x : transpose(x, order);
  return { x: moved, labels: order.map((axis) => labels[axis]!) };
}

/** An operand with sides of 1 where it has no axis. */
function spread(part: Labelled, labels: readonly string[]): Tensor {
  const { x } = ordered(part, labels);
  const missing = labels.flatMap((label, axis) => (part.labels.includes(label) ? [] : [axis]));
  return missing.length === 0 ? x : expandDims(x, missing);
}

/** A stack of matrices: behind the batch axes the first `rows` axes become one, and the others one. */
function grouped({ x }: Labelled, batch: number, rows: number): Tensor {
  if (rows === 1 && x.rank === batch + 2) return x;
  const one = (shape: Shape) => (shape.includes(null) ? null : shape.reduce<number>((n, side) => n * side!, 1));
  const { shape } = x;
  return reshape(x, [...shape.slice(0, batch), one(shape.slice(batch, batch + rows)), one(shape.slice(batch + rows))]);
}
