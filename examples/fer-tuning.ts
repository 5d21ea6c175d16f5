// Five networks that tell seven expressions in faces of 48 × 48, one after the other, and how fast and how well each
// learns: with the images of fer2013.csv, or with drawn faces.
import { type CallbackLike, setSeed } from 'fovea';
import { Adam } from 'fovea/optimizers';
import { choose, count, factor, orEnd, readCommandLine, some, text, training } from './command-line.ts';
import { drawFaces } from './expressions/faces.ts';
import { readFer2013 } from './expressions/fer2013.ts';
import { build, type NetworkName, networkNames } from './expressions/networks.ts';

const title = 'Compares five networks that tell seven expressions in faces.';
const drawn = 3500;
const options = readCommandLine(title, {
  ...training({ epochs: 5, batchSize: 64 }),
  data: text('FILE', 'where fer2013.csv is', null, 'none: faces are drawn'),
  limit: count(
    'so many images at most to learn, and to measure',
    Number.POSITIVE_INFINITY,
    10,
    `all; ${drawn} drawn ones`,
  ),
  networks: some('which networks', networkNames),
  width: factor('how many of the filters and units: 0.5 is half of them', 1),
});
const { epochs, batchSize, seed, device, data, limit, networks, width } = options;

await choose(device);
setSeed(seed);
const { train, test } = await orEnd(() => {
  if (data !== null) return readFer2013(data, limit);
  const size = Math.min(limit, drawn);
  return { train: drawFaces(size), test: drawFaces(Math.ceil(size / 5)) };
});
const source =
  data ?? 'faces drawn by this program, which are far easier than photographs (--data FILE takes fer2013.csv)';
console.log(`Images: ${source}`);
console.log(`${train.x.dim(0)} to learn, ${test.x.dim(0)} to measure; batches of ${batchSize}.\n`);

/** Measures the seconds of each epoch, without its validation. */
function stopwatch(): CallbackLike & { seconds: number[] } {
  let begin = 0;
  const seconds: number[] = [];
  return {
    seconds,
    onEpochBegin: () => {
      begin = performance.now();
    },
    onTestBegin: () => {
      seconds.push((performance.now() - begin) / 1000);
    },
  };
}

/** Trains one network: its line of the table. */
async function measure(name: NetworkName) {
  setSeed(seed);
  using model = build(name, { width });
  model.compile({ optimizer: new Adam(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  console.log(`${name}: ${model.countParams().toLocaleString('en')} parameters`);
  const watch = stopwatch();
  const { history } = await model.fit(train, { batchSize, epochs, validationData: test, callbacks: watch });
  const last = (column: number[]) => column.at(-1)!.toFixed(4);
  return [
    name,
    model.countParams().toLocaleString('en'),
    // The first epoch pays for the preparation of the step.
    Math.min(...watch.seconds).toFixed(2),
    last(history.loss),
    last(history.accuracy),
    last(history.valLoss),
    last(history.valAccuracy),
  ];
}

const table = [['network', 'parameters', 's/epoch', 'loss', 'accuracy', 'valLoss', 'valAccuracy']];
for (const name of networks) table.push(await measure(name));
const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
const padded = (cell: string, i: number) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!));
console.log(`\n${table.map((row) => row.map(padded).join('  ')).join('\n')}`);
