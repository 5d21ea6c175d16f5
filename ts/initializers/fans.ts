/** Which axes of a weight count. */
export interface FanAxes {
  readonly inputAxes: readonly number[] | null;
  readonly outputAxes: readonly number[] | null;
}

const product = (sides: readonly number[]): number => sides.reduce((all, side) => all * side, 1);

/**
 * How many inputs one output of a weight sees, and how many outputs one input reaches; the product of the axes that are
 * named, if both sorts are.
 */
export function fans(shape: readonly number[], axes?: FanAxes): { fanIn: number; fanOut: number } {
  const along = (some: readonly number[]) => product(some.map((axis) => shape.at(axis) ?? 1));
  const { inputAxes = null, outputAxes = null } = axes ?? {};
  if (inputAxes !== null && outputAxes !== null) return { fanIn: along(inputAxes), fanOut: along(outputAxes) };
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const field = product(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}
