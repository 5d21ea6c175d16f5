import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encode } from 'fast-png';

/** The ten digits, five rows of three dots each, the leftmost dot the highest bit. */
const font = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 7, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 1, 2, 2],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
] as const;

type Colour = readonly [red: number, green: number, blue: number];

const right: Colour = [90, 210, 120];
const wrong: Colour = [245, 95, 85];
const grey: Colour = [150, 150, 160];

/** Pixels of the picture for one of an image, and for one dot of a letter. */
const zoom = 3;
const dot = 3;
const side = 28 * zoom;
const gap = 10;
const line = 5 * dot + 8;

/** One image with what it is and what the network says. */
export interface Answer {
  /** 28 × 28 bytes. */
  pixels: ArrayLike<number>;
  label: number;
  answer: number;
}

/** Draws test digits, below each what the network says: green where it is right; where not, red, and grey the truth. */
export async function drawAnswers(path: string, answers: readonly Answer[], columns = 10): Promise<void> {
  const width = columns * (side + gap) + gap;
  const height = Math.ceil(answers.length / columns) * (side + line + gap) + gap;
  const data = new Uint8Array(width * height * 3).fill(24);
  const fill = (x: number, y: number, size: number, [red, green, blue]: Colour) => {
    for (let row = y; row < y + size; row++)
      for (let column = x; column < x + size; column++) data.set([red, green, blue], (row * width + column) * 3);
  };
  const write = (digit: number, x: number, y: number, colour: Colour) => {
    for (const [row, bits] of (font[digit] ?? []).entries())
      for (let column = 0; column < 3; column++)
        if (bits & (4 >> column)) fill(x + column * dot, y + row * dot, dot, colour);
  };
  for (const [i, { pixels, label, answer }] of answers.entries()) {
    const left = gap + (i % columns) * (side + gap);
    const top = gap + Math.floor(i / columns) * (side + line + gap);
    for (let p = 0; p < 784; p++) {
      const shade = pixels[p]!;
      fill(left + (p % 28) * zoom, top + Math.floor(p / 28) * zoom, zoom, [shade, shade, shade]);
    }
    write(answer, left + side / 2 - 2 * dot, top + side + 4, answer === label ? right : wrong);
    if (answer !== label) write(label, left + side / 2 + 4 * dot, top + side + 4, grey);
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encode({ width, height, data, channels: 3, depth: 8 }));
}
