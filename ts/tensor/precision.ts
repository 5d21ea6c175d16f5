import { badArgument, shown } from '../errors.ts';

/**
 * How exact sums are. Both compute in float32 throughout: `'high'` lets convolutions of 3 × 3 and 5 × 5, and of 3 or 7 in
 * a row or column, take Winograd's algorithm, up to four times as fast, with a rounding error of up to a few times that of
 * the plain sum; `'highest'` takes every sum directly.
 */
export type Precision = 'high' | 'highest';

let current: Precision | undefined;

function precisionName(where: string, value: unknown): Precision {
  if (value === 'high' || value === 'highest') return value;
  throw badArgument(where, `the precision must be 'high' or 'highest'; received ${shown(value)}.`);
}

/** What is computed from now on has that precision: what `setPrecision` said, else `FOVEA_PRECISION`, else `'high'`. */
export function currentPrecision(): Precision {
  current ??= precisionName('FOVEA_PRECISION', process.env.FOVEA_PRECISION || 'high');
  return current;
}

/**
 * Chooses the precision of what is computed from now on, on the CPU; training and prediction follow with their next
 * call. The same seed gives the same bits only with the same precision. `FOVEA_PRECISION` chooses the first one from
 * outside. GPUs always take sums directly.
 *
 * @throws FoveaError `BAD_ARGUMENT` for another word
 */
export function setPrecision(precision: Precision): void {
  current = precisionName('setPrecision', precision);
}
