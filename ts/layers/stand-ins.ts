import { placeholder } from '../symbolic.ts';
import type { Shape } from '../tensor.ts';

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((side) => side === null || typeof side === 'number');

/** Stand-ins for inputs of a shape or of a nest of shapes. */
export function shapesToTensors(shapes: unknown): unknown {
  if (isShape(shapes)) return placeholder(shapes, 'float32');
  if (Array.isArray(shapes)) return shapes.map(shapesToTensors);
  return Object.fromEntries(Object.entries(shapes as object).map(([name, shape]) => [name, shapesToTensors(shape)]));
}
