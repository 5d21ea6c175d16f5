// Prints how many milliseconds pass from fit() to its first step in this process, which does nothing before.
import { writeSync } from 'node:fs';
import { tensor } from 'fovea';
import type { Net } from '../harness/networks.ts';
import { randomRows } from './data.ts';
import { build } from './networks.ts';

/** As many images as MNIST trains on with validationSplit 0.2. */
const images = 48_000;

const net = process.argv[2] as Net;
const batch = Number(process.argv[3]);
const { images: pixels, imageShape, labels, labelShape } = randomRows(net, Math.ceil(images / batch), batch);
const x = tensor(pixels, { shape: imageShape });
const y = tensor(labels, { shape: labelShape });
const { model, optimizer, loss } = build(net);
model.compile({ optimizer, loss, metrics: ['accuracy'] });

let wait = Number.NaN;
const start = performance.now();
await model.fit(x, y, {
  batchSize: batch,
  epochs: 1,
  verbose: 0,
  callbacks: {
    onTrainBatchBegin() {
      if (Number.isNaN(wait)) wait = performance.now() - start;
      model.stopTraining = true;
    },
  },
});
writeSync(1, `${wait}\n`);
