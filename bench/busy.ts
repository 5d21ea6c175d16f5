// How a step fares while another process keeps one core busy: Fovea's, and PyTorch's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isPeer, wanted } from './harness/comparison.ts';
import { batchOf, turnsOf } from './harness/options.ts';
import { type Benchmark, type Table, target } from './harness/report.ts';
import { median, pairedRatio, range } from './harness/statistics.ts';
import { Trainer, type Turns } from './harness/trainer.ts';
import { fovea, others, type Variant } from './harness/variants.ts';

/** Milliseconds of one step, turn by turn: the machine otherwise idle, and with one core busy. */
interface Disturbed {
  readonly name: string;
  readonly idle: readonly number[];
  readonly busy: readonly number[];
}

/** How many times as long a step takes beside the other process. */
const slowdown = ({ idle, busy }: Disturbed): number => pairedRatio(busy, idle);

/** Measures each side alone, in turns without and with the other process, which sleeps in between. */
export const busy: Benchmark = async (options, say) => {
  const tables: Table[] = [];
  const sentences = ['The other process is an endless loop of one thread; the system decides where it runs.'];
  for (const net of options.nets) {
    const turns = turnsOf(net, options);
    const { variants, missing } = others(net, options);
    const torch = wanted(variants, options.only).filter(({ name }) => name.startsWith('torch'));
    const found: Disturbed[] = [];
    for (const side of [fovea('bare', net, options), ...torch]) {
      say(`${net}: ${side.name} with another process busy`);
      try {
        found.push(await measure(side, turns));
      } catch (error) {
        if (!isPeer(side)) throw error;
        sentences.push(`${net}: ${side.name} was not measured: ${(error as Error).message}`);
      }
    }
    tables.push(sidesTable(`${net}, batch ${batchOf(net, options)}`, found));
    const [own, ...peers] = found as [Disturbed, ...Disturbed[]];
    sentences.push(target(`${net}: a step beside a busy process, against one without`, slowdown(own), 2, '×'));
    const best = peers.toSorted((a, b) => median(a.idle) - median(b.idle))[0];
    if (best) {
      const what = `${net}: Fovea’s slow-down, against that of the fastest PyTorch (${best.name})`;
      sentences.push(target(what, slowdown(own) / slowdown(best), 1, '×'));
    }
    sentences.push(...missing);
  }
  return { title: 'Beside a busy process', tables, sentences: [...new Set(sentences)] };
};

function sidesTable(title: string, sides: readonly Disturbed[]): Table {
  const rows = sides.map((side) => [
    side.name,
    ...[side.idle, side.busy].flatMap((times) => [median(times).toFixed(2), range(times, 1)]),
    slowdown(side).toFixed(2),
  ]);
  return { title, rows: [['side', 'idle ms', 'from–to', 'one core busy ms', 'from–to', 'slow-down'], ...rows] };
}

async function measure({ name, program }: Variant, { rounds, ...turn }: Turns): Promise<Disturbed> {
  const trainer = new Trainer(name, program);
  const burner = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  burner.kill('SIGSTOP');
  try {
    await trainer.ready();
    for (let round = 0; round < rounds; round++) {
      await trainer.turn(turn);
      burner.kill('SIGCONT');
      await trainer.turn(turn);
      burner.kill('SIGSTOP');
    }
  } finally {
    await Promise.all([trainer.close(), ended(burner)]);
  }
  const every = (rest: number) => trainer.times.filter((_, i) => i % 2 === rest);
  return { name, idle: every(0), busy: every(1) };
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
