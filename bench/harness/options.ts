import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** The networks that are measured. */
export type Net = 'mnist' | 'notebook';

/** What the command line says; every benchmark reads what concerns it. */
export interface Options {
  /** `step`, `fit`, `startup`, `memory`, `busy`, `gpu`, or `all` but the last. */
  readonly benchmark: string;
  readonly nets: readonly Net[];
  /** How often each side has its turn; a benchmark knows how many it needs if this is left out. */
  readonly rounds: number | undefined;
  /** Training steps of one turn. */
  readonly steps: number | undefined;
  readonly batch: number;
  readonly threads: number;
  /** Beside Fovea only sides whose name contains one of these. */
  readonly only: readonly string[];
  /** Whether `gpu` also runs on a CPU that pretends to be one. */
  readonly software: boolean;
  /** Whether RESULTS.md, or gpu.md, takes the report. */
  readonly save: boolean;
  /** The command as one would type it. */
  readonly command: string;
}

export const usage = `npm run bench -- step|fit|startup|memory|busy|gpu|all [options]
  --net mnist|notebook   one network (both)
  --rounds n             turns of each side
  --steps n              training steps of one turn
  --batch n              images of one step (64)
  --threads n            threads of every side (the machine's cores)
  --only a,b             of step and gpu: beside Fovea only sides whose name contains a or b
  --software             of gpu: try it on a software GPU; its figures mean nothing and are not kept
  --save                 write the report into bench/RESULTS.md (gpu: bench/gpu.md)`;

const nets: readonly Net[] = ['mnist', 'notebook'];

/** Reads the command line. @throws Error with a sentence for whoever typed it */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      net: { type: 'string' },
      rounds: { type: 'string' },
      steps: { type: 'string' },
      batch: { type: 'string' },
      threads: { type: 'string' },
      only: { type: 'string' },
      software: { type: 'boolean' },
      save: { type: 'boolean' },
    },
  });
  const [benchmark, ...rest] = positionals;
  if (benchmark === undefined || rest.length > 0) throw new Error('Name one benchmark.');
  if (values.software && values.save)
    throw new Error('Figures of a software GPU mean nothing: --software without --save.');
  const net = nets.find((name) => name === values.net);
  if (values.net !== undefined && net === undefined) throw new Error(`There is no network '${values.net}'.`);
  return {
    benchmark,
    nets: net === undefined ? nets : [net],
    rounds: count('rounds', values.rounds),
    steps: count('steps', values.steps),
    batch: count('batch', values.batch) ?? 64,
    threads: count('threads', values.threads) ?? availableParallelism(),
    only: values.only?.split(',') ?? [],
    software: values.software ?? false,
    save: values.save ?? false,
    command: `npm run bench -- ${args.join(' ')}`,
  };
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} takes a positive whole number, not '${text}'.`);
}
