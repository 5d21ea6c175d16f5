// The greatest memory of the MNIST run, and what 1,000 steps add to it.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FoveaTurn } from './fovea/train.ts';
import { runToEnd, script } from './harness/child.ts';
import type { Options } from './harness/options.ts';
import { type Benchmark, type Table, target } from './harness/report.ts';
import { Trainer } from './harness/trainer.ts';
import { fovea } from './harness/variants.ts';

/** Measures the example as `npm start` runs it, then bare steps in a process of their own. */
export const memory: Benchmark = async (options, say) => {
  const sentences: string[] = [];
  const tables: Table[] = [];
  if (options.nets.includes('mnist')) {
    say('the whole MNIST run');
    sentences.push(target('Peak memory of examples/mnist.ts', await peakOfExample(options), 400, ' MB'));
  }
  for (const net of options.nets) {
    say(`${net}: a steady state`);
    const turns = await steady(fovea('bare', net, options), options);
    const rows = turns.map(({ seconds, holdings: h }, i) => [
      String((i + 1) * perTurn),
      h.rssMB.toFixed(1),
      String(h.pageFaults),
      (h.bufferBytes / 2 ** 20).toFixed(2),
      (h.arenaBytes / 2 ** 20).toFixed(2),
      String(h.buffers),
      String(h.plans),
      ((seconds * 1_000) / perTurn).toFixed(2),
    ]);
    const head = ['steps', 'RSS MB', 'page faults', 'buffers MB', 'arena MB', 'buffers', 'plans', 'ms a step'];
    tables.push({ title: `${net}: bare steps`, rows: [head, ...rows] });
    const [first, last] = [turns[0]!.holdings, turns.at(-1)!.holdings];
    const faults = turns.slice(1).reduce((sum, { holdings }) => sum + holdings.pageFaults, 0);
    const steps = (turns.length - 1) * perTurn;
    sentences.push(
      target(`${net}: native bytes that ${steps} steps add`, held(last) - held(first), 0, ' B'),
      target(`${net}: memory (RSS) that ${steps} steps add`, last.rssMB - first.rssMB, 2, ' MB'),
      target(`${net}: fresh pages of memory a step (Node's own among them)`, faults / steps, 1),
    );
  }
  return { title: 'Memory', tables, sentences };
};

const held = ({ bufferBytes, arenaBytes }: FoveaTurn['holdings']): number => bufferBytes + arenaBytes;

const perTurn = 100;

/** 100 steps of warming up, then 1,100 in turns of 100. */
async function steady({ name, program }: ReturnType<typeof fovea>, { rounds = 11 }: Options): Promise<FoveaTurn[]> {
  const trainer = new Trainer<FoveaTurn>(name, program);
  try {
    await trainer.ready();
    await trainer.run(perTurn);
    const turns: FoveaTurn[] = [];
    for (let i = 0; i < rounds; i++) turns.push(await trainer.run(perTurn));
    return turns;
  } finally {
    await trainer.close();
  }
}

async function peakOfExample({ threads }: Options): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
  try {
    const program = script('bench/fovea/peak.ts', [join('examples', 'mnist.ts'), '--out', out], {
      FOVEA_THREADS: String(threads),
    });
    const printed = await runToEnd(program);
    return Number(printed.match(/peak memory: (\S+) MB/)?.[1]);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
