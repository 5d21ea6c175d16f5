import { parseArgs } from 'node:util';

/** What the examples can be told on the command line. */
export interface Options {
  epochs: number;
  batchSize: number;
  /** Same seed, same weights to the last bit. */
  seed: number;
  /** How many of the images are used. */
  limit: number;
  /** The folder for what is written. */
  out: string;
}

/** Reads the command line; prints help, or one sentence that says what is wrong, and ends. */
export function readOptions(title: string, usual: Options): Options {
  const help = `${title}

  --epochs N      how often to go through the images (${usual.epochs})
  --batch-size N  images in a step (${usual.batchSize})
  --seed N        same seed, same result (${usual.seed})
  --limit N       train on so many of the images only (all)
  --out FOLDER    where the picture goes (${usual.out})`;
  try {
    const { values } = parseArgs({
      options: {
        epochs: { type: 'string' },
        'batch-size': { type: 'string' },
        seed: { type: 'string' },
        limit: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const number = (name: 'epochs' | 'batch-size' | 'seed' | 'limit', or: number, least: number): number => {
      const text = values[name];
      if (text === undefined) return or;
      if (!/^\d+$/.test(text) || Number(text) < least)
        throw new Error(`--${name} must be a whole number of at least ${least}; received '${text}'.`);
      return Number(text);
    };
    return {
      epochs: number('epochs', usual.epochs, 1),
      batchSize: number('batch-size', usual.batchSize, 1),
      seed: number('seed', usual.seed, 0),
      limit: number('limit', usual.limit, 10),
      out: values.out ?? usual.out,
    };
  } catch (error) {
    // Node's message goes on about arguments that begin with a dash.
    const [sentence] = (error as Error).message.split(/(?<=\.) /);
    console.error(`${sentence} (--help lists the options)`);
    process.exit(1);
  }
}
