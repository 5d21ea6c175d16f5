import { FoveaError } from '../errors.ts';
import type { Shape } from '../tensor.ts';
import type { Layer } from './layer.ts';
import { flatten } from './nest.ts';

const named = new WeakSet<Error>();

/** An error of an op inside a layer as an error of that layer; the innermost layer gives the name. */
export function nameTheLayer(layer: Layer, input: unknown, error: unknown): unknown {
  if (!(error instanceof FoveaError) || named.has(error)) return error;
  let sentence = error.message;
  for (const prefix of [`${layer}: `, `${error.where}: `]) {
    if (sentence.startsWith(prefix)) sentence = sentence.slice(prefix.length);
  }
  if (error.code === 'SHAPE_MISMATCH') sentence = layer.explain(sentence.replace(/^[a-z]\w*: /, ''), flatten(input));
  const result = new FoveaError(error.code, `${layer}: ${sentence}`, layer.name, { cause: error });
  named.add(result);
  return result;
}

/** A shape as messages show it. */
export const showShape = (shape: Shape): string => `[${shape.map(String).join(', ')}]`;

/** What is probably wrong with the shape of a model's input; `''` if nobody knows. */
export function shapeHint(wanted: Shape, given: Shape): string {
  const alike = (a: Shape, b: Shape) =>
    a.length === b.length && a.every((side, i) => side === null || b[i] === null || side === b[i]);
  const [, ...sample] = wanted;
  if (wanted.at(-1) === 1 && alike(wanted.slice(0, -1), given))
    return ' The channel axis is missing: x.expandDims(-1) adds it.';
  // A single sample loses its first axis to the batch.
  if (given.length === sample.length && alike(sample.slice(1), given.slice(1)))
    return ' The batch axis is missing: x.expandDims(0) makes a batch of one sample.';
  const [batch, channels, ...sides] = given;
  if (given.length === 4 && alike(sample, [...sides, channels!]))
    return ' The channels stand last here: x.transpose([0, 2, 3, 1]).';
  const count = (shape: Shape) => shape.reduce<number>((n, side) => n * (side ?? Number.NaN), 1);
  if (batch !== undefined && count(sample) === count(given.slice(1)))
    return ` x.reshape([-1, ${sample.join(', ')}]) makes that of it.`;
  return '';
}

/** Throws unless an input has so many axes, or from `least` to `most` of them. */
export function checkAxes(layer: Layer, shape: Shape, least: number, most = least): void {
  if (shape.length >= least && shape.length <= most) return;
  const hint = shape.length === 1 && least === 2 ? ' x.expandDims(0) makes a batch of one sample.' : '';
  const axes = `${most > least ? 'at least ' : ''}${least} ${least === 1 ? 'axis' : 'axes'}`;
  throw new FoveaError(
    'SHAPE_MISMATCH',
    `${layer}: expected an input with ${axes}, received ${showShape(shape)}.${hint}`,
    layer.name,
  );
}

/** Throws unless an input is a batch of images, before weights are made for anything else. */
export function checkImages(layer: Layer, shape: Shape): void {
  if (shape.length === 4) return;
  const hint =
    shape.length === 3
      ? ' The channel axis is missing: a grey image is [height, width, 1], and x.expandDims(-1) adds the axis.'
      : '';
  throw new FoveaError(
    'SHAPE_MISMATCH',
    `${layer}: expected an input [batch, height, width, channels], received ${showShape(shape)}.${hint}`,
    layer.name,
  );
}

/** Throws unless the input has a batch, so many axes of space, and channels. */
export function checkSpace(layer: Layer, shape: Shape, axes: number): void {
  if (axes === 2) checkImages(layer, shape);
  if (shape.length === axes + 2) return;
  const names = axes === 1 ? 'steps' : 'depth, height, width';
  throw new FoveaError(
    'SHAPE_MISMATCH',
    `${layer}: expected an input [batch, ${names}, channels], received ${showShape(shape)}.`,
    layer.name,
  );
}
