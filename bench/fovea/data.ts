import { factsOf, type ImageShape, type Net } from '../harness/networks.ts';

/** As many batches as the peers cycle through. */
const batches = 8;

/** Images in 0 … 1 and labels, row by row. */
export interface Rows {
  /** float32 [rows, height, width, channels]. */
  readonly images: Float32Array;
  readonly imageShape: readonly number[];
  /** int32 [rows], or one-hot float32 [rows, classes], as the network wants them. */
  readonly labels: Int32Array | Float32Array;
  readonly labelShape: readonly number[];
}

/** Random rows for so many steps; after eight batches they repeat. */
export function randomRows(net: Net, steps: number, batch: number, image: ImageShape = factsOf(net).image): Rows {
  const { classes, oneHot } = factsOf(net);
  const size = image.reduce((a, b) => a * b);
  const kinds = Math.min(steps, batches) * batch;
  const rows = steps * batch;
  const next = generator(0);
  const random = new Float32Array(kinds * size);
  for (let i = 0; i < random.length; i++) random[i] = next();
  const images = repeated(random, rows * size);
  const imageShape = [rows, ...image];
  const kind = Int32Array.from({ length: kinds }, () => Math.floor(next() * classes));
  const numbers = repeated(kind, rows);
  if (!oneHot) return { images, imageShape, labels: numbers, labelShape: [rows] };
  const labels = new Float32Array(rows * classes);
  for (const [row, number] of numbers.entries()) labels[row * classes + number] = 1;
  return { images, imageShape, labels, labelShape: [rows, classes] };
}

function repeated<T extends Float32Array | Int32Array>(values: T, length: number): T {
  if (length === values.length) return values;
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
