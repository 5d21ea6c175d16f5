// Medians, since one turn that another process disturbed must not move a figure.

/** The middle value; `NaN` of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Each `a[i] / b[i]`: two things measured side by side. */
export const ratios = (a: readonly number[], b: readonly number[]): number[] =>
  a.slice(0, b.length).map((value, i) => value / b[i]!);

/** The median of `a[i] / b[i]`: what two things measured side by side say of each other. */
export const pairedRatio = (a: readonly number[], b: readonly number[]): number => median(ratios(a, b));

/**
 * Between which values the true median lies, wrong in at most 5 of 100 cases. By their order alone (the sign test), so
 * whatever their distribution; of fewer than six values, which cannot tell as surely, the least and the greatest.
 */
export function medianRange(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const rare = 0.025 * 2 ** n;
  // So many values lie outside on either side that of all 2ⁿ outcomes of n tosses few have no more heads.
  let outside = 0;
  let ways = n;
  for (let outcomes = 1 + n; outcomes <= rare; outcomes += ways) {
    outside++;
    ways *= (n - outside) / (outside + 1);
  }
  return [sorted[outside] ?? Number.NaN, sorted[n - 1 - outside] ?? Number.NaN];
}

/** The least and the greatest value, as text. */
export function range(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}
