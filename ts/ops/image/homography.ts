import type { Tensor } from '../../tensor/tensor.ts';
import { stack } from '../combine.ts';
import { add, div, mul, sub } from '../elementwise.ts';
import { at } from '../slicing.ts';

/** A matrix of 3 × 3, row by row; each element [n]. */
type Matrix = readonly Tensor[];

type Point = readonly [x: Tensor, y: Tensor];

const minor = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor => sub(mul(a, d), mul(b, c));

/**
 * The projective transforms [n, 8] that lead from end points to start points, [n, 4, 2] both.
 *
 * Each set of points is the image of a fixed frame, the three unit vectors and (1, 1, 1), under a matrix that can be
 * written down; one after the inverse of the other is the answer. All is relative to the first end point, so that
 * numbers stay small.
 */
export function homography(start: Tensor, end: Tensor): Tensor {
  const [ends, starts] = [end, start].map((points) =>
    [0, 1, 2, 3].map((i): Point => [at(points, null, i, 0), at(points, null, i, 1)]),
  ) as [Point[], Point[]];
  const [x0, y0] = ends[0]!;
  const moved = (points: readonly Point[]) => points.map(([x, y]): Point => [sub(x, x0), sub(y, y0)]);
  const m = product(frame(moved(starts)), adjugate(frame(moved(ends))));
  // Back to where the images are: T · M · T⁻¹ with T the move by the first end point.
  const row = (i: number) => [m[i]!, m[i + 1]!, sub(m[i + 2]!, add(mul(m[i]!, x0), mul(m[i + 1]!, y0)))];
  const [first, second, third] = [row(0), row(3), row(6)] as [Tensor[], Tensor[], Tensor[]];
  const back = (line: Tensor[], by: Tensor) => line.map((value, i) => add(value, mul(by, third[i]!)));
  const all = [...back(first, x0), ...back(second, y0), ...third];
  return stack(
    all.slice(0, 8).map((value) => div(value, all[8]!)),
    -1,
  );
}

/** The matrix that takes the unit vectors to three points and (1, 1, 1) to the fourth, up to a factor. */
function frame(points: readonly Point[]): Matrix {
  const [p, q, r, s] = points as [Point, Point, Point, Point];
  // How much of each point makes the fourth: areas of triangles, times the same factor.
  const area = (a: Point, b: Point, c: Point) =>
    minor(sub(b[0], a[0]), sub(b[1], a[1]), sub(c[0], a[0]), sub(c[1], a[1]));
  const weights = [area(s, q, r), area(p, s, r), area(p, q, s)];
  const corners = [p, q, r];
  const line = (value: (corner: Point, weight: Tensor) => Tensor) =>
    corners.map((corner, i) => value(corner, weights[i]!));
  return [
    ...line(([x], weight) => mul(x, weight)),
    ...line(([, y], weight) => mul(y, weight)),
    ...line((_, weight) => weight),
  ];
}

/** The inverse, up to a factor. */
function adjugate(m: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, i] = m as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  return [
    minor(e, f, h, i),
    minor(c, b, i, h),
    minor(b, c, e, f),
    minor(f, d, i, g),
    minor(a, c, g, i),
    minor(c, a, f, d),
    minor(d, e, g, h),
    minor(b, a, h, g),
    minor(a, b, d, e),
  ];
}

function product(a: Matrix, b: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [Math.floor(at / 3) * 3, at % 3];
    const terms = [0, 1, 2].map((k) => mul(a[row + k]!, b[k * 3 + column]!));
    return add(add(terms[0]!, terms[1]!), terms[2]!);
  });
}
