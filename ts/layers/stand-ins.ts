import { badArgument, shown } from '../errors.ts';
import { isRecord } from '../options.ts';
import { placeholder } from '../symbolic.ts';
import type { Shape } from '../tensor.ts';

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((side) => side === null || typeof side === 'number');

/** Stand-ins for inputs of a shape or of a nest of shapes; `where` is who asks. */
export function shapesToTensors(shapes: unknown, where: string): unknown {
  if (isShape(shapes)) return placeholder(shapes, 'float32');
  if (Array.isArray(shapes)) return shapes.map((shape) => shapesToTensors(shape, where));
  if (isRecord(shapes))
    return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, shapesToTensors(shape, where)]));
  throw badArgument(where, `an input's shape must be an array like [null, 28, 28, 1]; received ${shown(shapes)}.`);
}
