import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readFer2013 } from '../../examples/expressions/fer2013.ts';
import { build } from '../../examples/expressions/networks.ts';
import { inEmptyFolders } from './running.ts';

const { example, within, written } = inEmptyFolders();

type Matrix = number[][];

/** Each window of an image that is `strides` apart from the next, and what `f` makes of its values. */
function slide(image: Matrix, [h, w]: number[], [down, right]: number[], f: (window: number[]) => number): Matrix {
  const out: Matrix = [];
  for (let i = 0; i + h! <= image.length; i += down!) {
    const row: number[] = [];
    for (let j = 0; j + w! <= image[0]!.length; j += right!)
      row.push(f(image.slice(i, i + h!).flatMap((line) => line.slice(j, j + w!))));
    out.push(row);
  }
  return out;
}

const correlate = (image: Matrix, kernel: Matrix): Matrix => {
  const weights = kernel.flat();
  return slide(image, [kernel.length, kernel[0]!.length], [1, 1], (window) =>
    window.reduce((sum, value, i) => sum + value * weights[i]!, 0),
  );
};

const largest = (window: number[]) => Math.max(...window);
const sum = (window: number[]) => window.reduce((a, b) => a + b, 0);
const mean = (window: number[]) => sum(window) / window.length;
const plus = (image: Matrix, n: number): Matrix => image.map((row) => row.map((value) => value + n));
const both = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i]![j]!));
const counting = (rows: number, columns: number): Matrix =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => i * columns + j));

/** With so many more rows above, below, and columns at both sides, full of `value`. */
const around = (image: Matrix, rows: number, columns: number, value = 0): Matrix => {
  const sides = Array<number>(columns).fill(value);
  const wide = image.map((row) => [...sides, ...row, ...sides]);
  const line = () => Array<number>(wide[0]!.length).fill(value);
  return [...Array.from({ length: rows }, line), ...wide, ...Array.from({ length: rows }, line)];
};

/** A tensor that was printed behind a heading. */
function printed(out: string, heading: string): unknown {
  const lines = out.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${heading} = Tensor `)) + 1;
  expect(first, heading).toBeGreaterThan(0);
  const rows = lines.slice(first).join('\n');
  let depth = 0;
  const end = [...rows].findIndex((letter) => {
    depth += letter === '[' ? 1 : letter === ']' ? -1 : 0;
    return depth === 0;
  });
  return JSON.parse(rows.slice(0, end + 1));
}

/** A word or number that was printed behind a heading. */
const said = (out: string, heading: string): string | undefined =>
  out
    .split('\n')
    .find((line) => line.startsWith(`${heading} = `))
    ?.slice(heading.length + 3);

describe('d2l-convolutions', () => {
  const [nine, four, sixteen] = [counting(3, 3), counting(2, 2), counting(4, 4)];
  const picture = Array.from({ length: 6 }, () => [1, 1, 0, 0, 0, 0, 1, 1]);
  let out: string;

  beforeAll(async () => {
    const ending = await example('d2l-convolutions');
    expect(ending).toMatchObject({ code: 0, err: '' });
    out = ending.out;
  }, 60_000);

  test('cross-correlation', () => {
    const known = [
      [19, 25],
      [37, 43],
    ];
    expect(correlate(nine, four)).toEqual(known);
    expect(printed(out, 'by hand')).toEqual(known);
    expect(printed(out, 'by ops.conv2d')).toEqual(known);
    expect(printed(out, 'by a layer, with bias 0.5')).toEqual(plus(known, 0.5));
  });

  test('edges', () => {
    expect(printed(out, 'picture')).toEqual(picture);
    expect(printed(out, 'its vertical edges')).toEqual(correlate(picture, [[1, -1]]));
    expect(printed(out, 'those of the picture on its side')).toEqual(Array(8).fill(Array(5).fill(0)));
  });

  test('the kernel of the edges is learned, step by step as calculus says', () => {
    let kernel = printed(out, 'first kernel') as number[];
    const edges = correlate(picture, [[1, -1]]);
    for (let step = 1; step <= 10; step++) {
      const errors = correlate(picture, [kernel]).map((row, i) => row.map((value, j) => value - edges[i]![j]!));
      const slope = [0, 1].map((k) => sum(errors.flatMap((row, i) => row.map((e, j) => 2 * e * picture[i]![j + k]!))));
      if (step % 2 === 0) {
        const loss = sum(errors.flat().map((e) => e * e));
        expect(Number(said(out, `loss of step ${step}`)) / loss).toBeCloseTo(1, 3);
      }
      kernel = kernel.map((value, k) => value - 0.03 * slope[k]!);
    }
    const last = printed(out, 'last kernel') as number[];
    for (const [k, value] of kernel.entries()) expect(last[k]).toBeCloseTo(value, 4);
    expect(Number(said(out, 'loss of step 10'))).toBeLessThan(Number(said(out, 'loss of step 2')) / 10);
  });

  test.each([
    ['kernel 3 × 3', '6 × 6'],
    ["kernel 3 × 3, 'same'", '8 × 8'],
    ["kernel 5 × 3, 'same'", '8 × 8'],
    ["kernel 3 × 3, stride 2, 'same'", '4 × 4'],
    ['kernel 3 × 5, strides 3 and 4', '2 × 1'],
    ['kernel 3 × 5, strides 3 and 4, a column of zeros on both sides', '2 × 2'],
  ])('the shape of %s', (heading, shape) => {
    expect(said(out, heading)).toBe(shape);
  });

  test('several channels', () => {
    const images = [nine, plus(nine, 1)];
    const filter = (n: number) =>
      images.map((image, c) => correlate(image, plus(four, c + n))).reduce((a, b) => both(a, b));
    const known = [
      [56, 72],
      [104, 120],
    ];
    expect(filter(0)).toEqual(known);
    expect(printed(out, 'two channels in, by hand')).toEqual(known);
    expect(printed(out, 'two channels in')).toEqual(known);
    expect(printed(out, 'two channels in, three out')).toEqual([0, 1, 2].map(filter));
    expect(said(out, 'a 1 × 1 convolution is a matrix product')).toBe('true');
  });

  test('pooling', () => {
    const padded = around(sixteen, 1, 1);
    expect(printed(out, 'the largest in 2 × 2, by hand')).toEqual(slide(nine, [2, 2], [1, 1], largest));
    expect(printed(out, 'the mean of 2 × 2, by hand')).toEqual(slide(nine, [2, 2], [1, 1], mean));
    expect(printed(out, 'image of 4 × 4')).toEqual(sixteen);
    expect(printed(out, 'max pooling 3')).toEqual([[10]]);
    expect(printed(out, 'max pooling 3, stride 2, zeros around')).toEqual(slide(padded, [3, 3], [2, 2], largest));
    expect(printed(out, 'max pooling 2 × 3, strides 2 and 3, zeros at the sides')).toEqual(
      slide(around(sixteen, 0, 1), [2, 3], [2, 3], largest),
    );
    expect(printed(out, 'average pooling 2')).toEqual(slide(sixteen, [2, 2], [2, 2], mean));
    const averages = slide(padded, [3, 3], [2, 2], mean).map((row) => row.map((value) => Number(value.toPrecision(6))));
    expect(printed(out, 'average pooling 3, stride 2, zeros around')).toEqual(averages);
    const channels = [sixteen, plus(sixteen, 1)];
    expect(printed(out, 'max pooling of two channels')).toEqual(
      channels.map((image) => slide(around(image, 1, 1), [3, 3], [2, 2], largest)),
    );
  });

  test("pooling with padding 'same' has the odd row and column at the end, and leaves them out", () => {
    const there = (f: (window: number[]) => number) => (window: number[]) =>
      f(window.filter((value) => !Number.isNaN(value)));
    const atTheEnd = around(sixteen, 1, 1, Number.NaN)
      .slice(1)
      .map((row) => row.slice(1));
    expect(printed(out, "max pooling 3, stride 2, 'same'")).toEqual(slide(atTheEnd, [3, 3], [2, 2], there(largest)));
    expect(printed(out, "average pooling 3, stride 2, 'same': only what is there")).toEqual(
      slide(atTheEnd, [3, 3], [2, 2], there(mean)),
    );
  });
});

/** The rows of the table that fer-tuning prints at its end, by the network. */
function table(out: string): Record<string, Record<string, string>> {
  const lines = out.trim().split('\n');
  const first = lines.findLastIndex((line) => line.startsWith('network '));
  const [head, ...rows] = lines.slice(first).map((line) => line.split(/ {2,}/));
  return Object.fromEntries(rows.map((row) => [row[0]!, Object.fromEntries(head!.map((name, i) => [name, row[i]!]))]));
}

/** A file in the format of fer2013.csv with so many images for each use: each of one brightness, which tells the class. */
function fer2013(uses: Record<string, number>): string {
  const rows = Object.entries(uses).flatMap(([use, count]) =>
    Array.from(
      { length: count },
      (_, i) =>
        `${i % 7},${Array(48 * 48)
          .fill((i % 7) * 40)
          .join(' ')},${use}`,
    ),
  );
  return ['emotion,pixels,Usage', ...rows, ''].join('\n');
}

describe('fer-tuning', () => {
  // Windows times channels times filters, and a bias each; then 1024, 1024 and 7 units.
  const conv = (size: number, channels: number, filters: number) => (size * size * channels + 1) * filters;
  const dense = (inputs: number) => (inputs + 1) * 1024 + 1025 * 1024 + 1025 * 7;
  const single = conv(5, 1, 64) + conv(3, 64, 64) + conv(3, 64, 128) + dense(2 * 2 * 128);
  test.each([
    ['baseline', conv(5, 1, 64) + 2 * conv(3, 64, 64) + conv(3, 64, 128) + conv(3, 128, 128) + dense(128)],
    ['net1', single],
    ['net2', single],
    ['net3', conv(3, 1, 64) + conv(3, 64, 128) + dense(21 * 21 * 128)],
    ['net4', conv(3, 1, 64) + conv(3, 64, 128) + dense(9 * 9 * 128)],
  ] as const)('%s has as many weights as its layers say', (name, weights) => {
    const model = build(name);
    expect(model.countParams()).toBe(weights);
    expect(model.output.shape).toEqual([null, 7]);
  });

  test('compares the five networks, and says that the faces are drawn', async () => {
    const { code, out, err } = await example('fer-tuning', '--epochs', '1', '--limit', '64', '--width', '0.05');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Images: faces drawn by this program/);
    expect(out).toContain('64 to learn, 13 to measure; batches of 64.');
    const rows = table(out);
    expect(Object.keys(rows)).toEqual(['baseline', 'net1', 'net2', 'net3', 'net4']);
    for (const row of Object.values(rows)) {
      expect(Number(row['s/epoch'])).toBeGreaterThanOrEqual(0);
      for (const name of ['loss', 'valLoss']) expect(Number(row[name])).toBeCloseTo(Math.log(7), 0);
      for (const name of ['accuracy', 'valAccuracy']) expect(row[name]).toMatch(/^[01]\.\d{4}$/);
    }
    expect(written()).toEqual([]);
  }, 60_000);

  test('a network learns the drawn faces', async () => {
    const args = ['--epochs', '4', '--limit', '1400', '--width', '0.2', '--networks', 'net4', '--batch-size', '16'];
    const { code, out, err } = await example('fer-tuning', ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { net4 } = table(out);
    expect(Number(net4!.valAccuracy)).toBeGreaterThan(0.5);
    expect(Number(net4!.valLoss)).toBeLessThan(1.2);
  }, 60_000);

  test('reads fer2013.csv: what is to learn and to measure, as many as are asked for', async () => {
    writeFileSync(within('few.csv'), fer2013({ Training: 80, PublicTest: 21, PrivateTest: 30 }));
    const args = ['--epochs', '1', '--limit', '70', '--networks', 'net4', '--width', '0.05', '--data', 'few.csv'];
    const { code, out, err } = await example('fer-tuning', ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Images: few\.csv\n70 to learn, 21 to measure/);
  }, 60_000);

  test.each([
    ['a file that there is not', null, 'ENOENT'],
    ['a column that is missing', 'emotion,Usage\n1,Training\n', 'data.csv, line 1: expected the columns'],
    ['too few pixels', 'emotion,pixels,Usage\n1,2 3,Training\n', 'line 2: expected 2304 pixels; received 2.'],
    ['a class that there is not', fer2013({ Training: 1 }).replace('\n0,', '\n7,'), "received '7'"],
    ['a pixel that is no byte', fer2013({ Training: 1 }).replace('0 0,', '0 256,'), "received '256'"],
    ['nothing to measure', fer2013({ Training: 1 }), 'PublicTest'],
  ])('%s is an error', async (_, data, named) => {
    if (data !== null) writeFileSync(within('data.csv'), data);
    await expect(readFer2013(within('data.csv'), 100)).rejects.toThrow(named);
  });

  test('images and labels come as they stand in the file', async () => {
    writeFileSync(
      within('data.csv'),
      fer2013({ Training: 9, PrivateTest: 2, PublicTest: 8 }).replace('0 0,', '0 255,'),
    );
    const { train, test } = await readFer2013(within('data.csv'), 8);
    expect([train.x.shape, test.x.shape, train.x.dtype]).toEqual([[8, 48, 48, 1], [8, 48, 48, 1], 'uint8']);
    expect([...(await train.y.data())]).toEqual([0, 1, 2, 3, 4, 5, 6, 0]);
    expect(await train.x.at(0, 47, [46, 48], 0).array()).toEqual([0, 255]);
    expect([...(await test.x.at(null, 5, 7, 0).data())]).toEqual([0, 40, 80, 120, 160, 200, 240, 0]);
  });

  test.each([
    ['data that cannot be read', ['--data', 'data.csv'], 'ENOENT'],
    ['a network that there is not', ['--networks', 'net5'], "received 'net5'"],
    ['no width', ['--width', '0'], "received '0'"],
  ])('%s: one sentence, and the process fails', async (_, args, named) => {
    const { code, err } = await example('fer-tuning', ...args);
    expect(code).toBe(1);
    expect(err).toContain(named);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('custom-training', () => {
  test('learns with a loss, a metric and a step of its own, and by a loop with second derivatives', async () => {
    const { code, out, err } = await example('custom-training', '--epochs', '3', '--steps', '100');
    expect({ code, err }).toEqual({ code: 0, err: '' });

    const shares = (how: string) =>
      new RegExp(`^${how}: within 10 degrees ([\\d.]+) %, after an attack ([\\d.]+) %$`, 'm')
        .exec(out)!
        .slice(1)
        .map(Number);
    const [[calm, attacked], [ownCalm, ownAttacked]] = [shares('as it is'), shares('own step')] as [number[], number[]];
    for (const share of [calm, ownCalm]) expect(share).toBeGreaterThan(70);
    expect(ownAttacked).toBeGreaterThan(attacked! + 4);
    expect(out).toMatch(/step - attack: 0\.\d+ - loss: 0\.\d+ - within10: 0\.\d+$/m);

    // A cross of 28 ones: the distance is √28. A critic f with slope s says d · s, less 10 (s − 1)²: most at s = 1 + d / 20.
    const distance = Math.sqrt(28);
    const [begin, ...reports] = out.slice(out.indexOf('A cross and')).split('\n');
    expect(begin).toContain(distance.toFixed(3));
    const numbers = (line: string) => line.match(/\d+\.\d+/g)!.map(Number);
    const critic = numbers(reports.findLast((line) => line.includes('slope'))!);
    expect(critic[0]! / distance).toBeGreaterThan(0.85);
    expect(critic[0]! / distance).toBeLessThan(1.15);
    expect(Math.abs(critic[1]! - (1 + distance / 20))).toBeLessThan(0.12);
    const [left] = numbers(reports.findLast((line) => line.endsWith('apart'))!);
    expect(left).toBeLessThan(distance / 3);
  }, 60_000);
});
