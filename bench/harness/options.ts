import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { allNets, factsOf, isNet, mixedNets, type Net, smallNets } from './networks.ts';
import type { Turns } from './trainer.ts';

/** What the command line says; every benchmark reads what concerns it. */
export interface Options {
  /** One of those that `usage` names, or `all`. */
  readonly benchmark: string;
  /** What `compare` compares this build with: a branch, tag or commit; else empty. */
  readonly ref: string;
  readonly nets: readonly Net[];
  /** How often each side has its turn; a benchmark knows how many it needs if this is left out. */
  readonly rounds: number | undefined;
  /** Training steps of one turn. */
  readonly steps: number | undefined;
  /** Images of one step; a network has a number of its own if this is left out. */
  readonly batch: number | undefined;
  readonly threads: number;
  /** Of `profile` and `floor`: bfloat16 is mixed precision. */
  readonly precision: 'float32' | 'bfloat16';
  /** Whether `profile` looks into a prediction, not into a training step. */
  readonly predict: boolean;
  /** Beside Fovea only sides whose name contains one of these; all if empty. */
  readonly only: readonly string[];
  /** Whether every side only shows that it runs: small images, one step. */
  readonly smoke: boolean;
  /** Whether `gpu` also runs on a CPU that pretends to be one. */
  readonly software: boolean;
  /** Whether RESULTS.md, or gpu.md, takes the report. */
  readonly save: boolean;
  /** The command as one would type it. */
  readonly command: string;
}

export const usage = `npm run bench -- step|fit|startup|memory|busy|nets|infer|scaling|isa|mixed|floor|gpu|profile|all [network …] [options]
npm run bench -- compare <git-ref> [network …] [options]
  --net a,b              these networks, too (if none is named: nets, infer, scaling, isa, compare and floor: all; mixed: vgg16 and resnet50; else mnist and notebook)
  --rounds n             turns of each side
  --steps n              training steps of one turn
  --batch n              images of one step (each network's own; infer: 1 and 32)
  --threads n            threads of every side (the machine's cores)
  --precision bfloat16   of profile and floor: in mixed precision
  --predict              of profile: a prediction, of one image if --batch does not say
  --only a,b             networks of that name, and of the sides beside Fovea only those whose name contains a or b
  --smoke                one step of small images shows that a side runs; nothing is kept
  --software             of gpu: try it on a software GPU; its figures mean nothing and are not kept
  --save                 write the report into bench/RESULTS.md (gpu: bench/gpu.md)`;

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
      precision: { type: 'string', default: 'float32' },
      predict: { type: 'boolean' },
      only: { type: 'string' },
      smoke: { type: 'boolean' },
      software: { type: 'boolean' },
      save: { type: 'boolean' },
    },
  });
  const [benchmark, ...rest] = positionals;
  if (benchmark === undefined) throw new Error('Name a benchmark.');
  const [ref = '', ...nets] = benchmark === 'compare' ? rest : ['', ...rest];
  if (benchmark === 'compare' && ref === '') throw new Error('Name what to compare with: a branch, tag or commit.');
  if (values.software && values.save)
    throw new Error('Figures of a software GPU mean nothing: --software without --save.');
  if (values.smoke && values.save) throw new Error('Figures of a smoke test mean nothing: --smoke without --save.');
  const { precision } = values;
  if (precision !== 'float32' && precision !== 'bfloat16')
    throw new Error(`--precision takes float32 or bfloat16, not '${precision}'.`);
  if (values.predict && benchmark !== 'profile') throw new Error('--predict is for profile.');
  const only = values.only?.split(',') ?? [];
  const named = [...nets, ...(values.net?.split(',') ?? []), ...only.filter(isNet)];
  const stray = named.find((name) => !isNet(name));
  if (stray !== undefined) throw new Error(`There is no network '${stray}': there are ${allNets.join(', ')}.`);
  return {
    benchmark,
    ref,
    nets: named.length > 0 ? allNets.filter((net) => named.includes(net)) : defaults(benchmark),
    rounds: count('rounds', values.rounds),
    steps: count('steps', values.steps),
    batch: count('batch', values.batch),
    threads: count('threads', values.threads) ?? availableParallelism(),
    precision,
    predict: values.predict ?? false,
    only: only.filter((part) => !isNet(part)),
    smoke: values.smoke ?? false,
    software: values.software ?? false,
    save: values.save ?? false,
    command: `npm run bench -- ${args.join(' ')}`,
  };
}

/** Whether a benchmark measures deep networks if none is named; such a one takes long. */
export const takesLong = (benchmark: string): boolean =>
  ['nets', 'infer', 'scaling', 'isa', 'mixed', 'compare', 'floor'].includes(benchmark);

function defaults(benchmark: string): readonly Net[] {
  if (benchmark === 'mixed') return mixedNets;
  return takesLong(benchmark) ? allNets : smallNets;
}

/** How many turns a side has on a network, and of how many steps. */
export function turnsOf(net: Net, { rounds, steps, smoke }: Options): Required<Turns> {
  const { turns } = factsOf(net, smoke);
  return { rounds: rounds ?? turns.rounds, steps: steps ?? turns.steps, idle: turns.idle };
}

/** How many images a step of a network has. */
export const batchOf = (net: Net, { batch, smoke, predict }: Options): number =>
  batch ?? (predict ? 1 : factsOf(net, smoke).batch);

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} takes a positive whole number, not '${text}'.`);
}
