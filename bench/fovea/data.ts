import type { Net } from '../harness/options.ts';

/** As many batches as the peers cycle through. */
const batches = 8;

/** Images in 0 … 1 and labels, row by row. */
export interface Rows {
  /** float32 [rows, 28, 28, 1]. */
  readonly images: Float32Array;
  /** int32 [rows], or one-hot float32 [rows, 10] for the notebook's network. */
  readonly labels: Int32Array | Float32Array;
}

/** Random rows for so many steps; after eight batches they repeat. */
export function randomRows(net: Net, steps: number, batch: number): Rows {
  const kinds = Math.min(steps, batches) * batch;
  const rows = steps * batch;
  const next = generator(0);
  const images = repeated(Float32Array.from({ length: kinds * 784 }, next), rows * 784);
  const digits = repeated(
    Int32Array.from({ length: kinds }, () => Math.floor(next() * 10)),
    rows,
  );
  if (net === 'mnist') return { images, labels: digits };
  const labels = new Float32Array(rows * 10);
  for (const [row, digit] of digits.entries()) labels[row * 10 + digit] = 1;
  return { images, labels };
}

function repeated<T extends Float32Array | Int32Array>(values: T, length: number): T {
  const all = new (values.constructor as new (length: number) => T)(length);
  for (let at = 0; at < length; at += values.length) all.set(values.subarray(0, length - at), at);
  return all;
}

/** Mulberry32: numbers in 0 … 1 that are the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
