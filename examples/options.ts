import type { DeviceName } from 'fovea';
import { count, readCommandLine, text, training } from './command-line.ts';

export { choose } from './command-line.ts';

/** What the examples with digits can be told on the command line. */
export interface Options {
  epochs: number;
  batchSize: number;
  /** Same seed, same weights to the last bit. */
  seed: number;
  /** How many of the images are used. */
  limit: number;
  /** The folder for what is written. */
  out: string;
  /** What it trains on: `cpu`, `gpu`, `gpu:1`. */
  device: DeviceName;
}

/** Reads the command line; prints help, or one sentence that says what is wrong, and ends. */
export function readOptions(title: string, usual: Options): Options {
  const common = training(usual);
  return readCommandLine(title, {
    ...common,
    seed: { ...common.seed, usual: usual.seed },
    limit: count('train on so many of the images only', usual.limit, 10, 'all'),
    out: text('FOLDER', 'where the picture goes', usual.out),
    device: { ...common.device, usual: usual.device },
  });
}
