import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Tensor, tensor } from 'fovea';
import { classes, side } from './networks.ts';

/** Images with the number of their expression. */
export interface Expressions {
  /** uint8 [n, 48, 48, 1]. */
  x: Tensor;
  /** uint8 [n]. */
  y: Tensor;
}

const pixels = side * side;

/** The images of one part of the file, as they come. */
class Part {
  readonly #most: number;
  readonly #images: Uint8Array[] = [];
  readonly #labels: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#images.length;
  }

  get full(): boolean {
    return this.size >= this.#most;
  }

  add(image: Uint8Array, label: number): void {
    this.#images.push(image);
    this.#labels.push(label);
  }

  take(): Expressions {
    const n = this.size;
    const x = new Uint8Array(n * pixels);
    for (const [i, image] of this.#images.entries()) x.set(image, i * pixels);
    return { x: tensor(x, { shape: [n, side, side, 1] }), y: tensor(Uint8Array.from(this.#labels)) };
  }
}

/**
 * Reads fer2013.csv, the data of a competition in 2013: a line an image, with the columns `emotion` (0 to 6), `pixels`
 * (48 · 48 numbers with blanks between) and `Usage`. `Training` is what is learned, `PublicTest` what it is measured on;
 * `PrivateTest`, for the last word, is left out.
 *
 * @param limit takes so many images of each part at most
 * @throws Error with one sentence that names the line
 */
export async function readFer2013(path: string, limit: number): Promise<{ train: Expressions; test: Expressions }> {
  const train = new Part(limit);
  const test = new Part(limit);
  const parts = new Map(Object.entries({ Training: train, PublicTest: test }));
  let columns: ReturnType<typeof readHead> | null = null;
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    const where = `${path}, line ${number}`;
    if (columns === null) {
      columns = readHead(line, where);
      continue;
    }
    if (line.trim() === '') continue;
    const fields = line.split(',');
    const part = parts.get(bare(fields[columns.usage]));
    if (part === undefined || part.full) continue;
    part.add(readPixels(bare(fields[columns.pixels]), where), readLabel(bare(fields[columns.emotion]), where));
    if (train.full && test.full) break;
  }
  for (const [usage, { size }] of parts)
    if (size === 0) throw new Error(`${path} has no line whose Usage is ${usage}.`);
  return { train: train.take(), test: test.take() };
}

/** A field without blanks and quotes around it. */
const bare = (field: string | undefined): string => (field ?? '').trim().replaceAll('"', '');

function readHead(line: string, where: string): { emotion: number; pixels: number; usage: number } {
  const names = line.split(',').map((name) => bare(name).replace('\uFEFF', '').toLowerCase());
  const place = (name: string) => {
    const found = names.indexOf(name.toLowerCase());
    if (found < 0) throw new Error(`${where}: expected the columns emotion, pixels and Usage; ${name} is missing.`);
    return found;
  };
  return { emotion: place('emotion'), pixels: place('pixels'), usage: place('Usage') };
}

function readLabel(field: string, where: string): number {
  const label = Number(field);
  if (field !== '' && Number.isInteger(label) && label >= 0 && label < classes) return label;
  throw new Error(`${where}: emotion must be a whole number from 0 to ${classes - 1}; received '${field}'.`);
}

function readPixels(field: string, where: string): Uint8Array {
  const values = field.split(' ');
  if (values.length !== pixels) throw new Error(`${where}: expected ${pixels} pixels; received ${values.length}.`);
  const image = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const value = Number(values[i]);
    if (!(value >= 0 && value <= 255))
      throw new Error(`${where}: a pixel must be from 0 to 255; received '${values[i]}'.`);
    image[i] = value;
  }
  return image;
}
