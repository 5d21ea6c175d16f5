// Where the time of a training step, or of a prediction, goes: its phases, by op and one by one.
import type { Phase, Profile } from './fovea/profile.ts';
import { runToEnd } from './harness/child.ts';
import type { Net } from './harness/networks.ts';
import { batchOf, type Options } from './harness/options.ts';
import type { Benchmark, Table } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { profiled } from './harness/variants.ts';

/** How many of the slowest phases are listed. */
const listed = 12;

/** Measures each network in a process of its own. */
export const profile: Benchmark = async (options, say) => {
  const tables: Table[] = [];
  const sentences: string[] = [];
  const what = options.predict ? 'prediction' : 'step';
  for (const net of options.nets) {
    say(`${net}: phases of a ${what}`);
    const { seconds, phases } = await measure(net, options);
    const total = nanoseconds(phases);
    const title = `${net}, batch ${batchOf(net, options)}`;
    tables.push(
      { title: `${title}: by op`, rows: byOp(phases, total) },
      { title: `${title}: the slowest phases`, rows: slowest(phases, total) },
    );
    const step = (median(seconds) * 1_000).toFixed(2);
    sentences.push(
      `${net}: a ${what} takes ${step} ms (median), its ${phases.length} phases ${(total / 1e6).toFixed(2)} ms, each at its best.`,
    );
  }
  return { title: `Phases of a ${options.predict ? what : 'training step'}`, tables, sentences };
};

async function measure(net: Net, options: Options): Promise<Profile> {
  return JSON.parse(await runToEnd(profiled(net, options), true)) as Profile;
}

const nanoseconds = (phases: readonly Phase[]): number => phases.reduce((sum, phase) => sum + phase.nanoseconds, 0);

/** Milliseconds, share of all phases, and operations a nanosecond. */
function figures(phases: readonly Phase[], total: number): string[] {
  const time = nanoseconds(phases);
  const cost = phases.reduce((sum, phase) => sum + phase.cost, 0);
  const rate = time > 0 ? (cost / time).toFixed(1) : '–';
  return [(time / 1e6).toFixed(3), `${((100 * time) / total).toFixed(1)} %`, rate];
}

function byOp(phases: readonly Phase[], total: number): string[][] {
  const ops = new Map<string, Phase[]>();
  for (const phase of phases) {
    const known = ops.get(phase.name);
    if (known) known.push(phase);
    else ops.set(phase.name, [phase]);
  }
  const rows = [...ops]
    .sort(([, a], [, b]) => nanoseconds(b) - nanoseconds(a))
    .map(([name, of]) => [name, String(of.length), ...figures(of, total)]);
  return [['op', 'phases', 'ms', 'share', 'GFLOP/s'], ...rows];
}

function slowest(phases: readonly Phase[], total: number): string[][] {
  const rows = phases
    .toSorted((a, b) => b.nanoseconds - a.nanoseconds)
    .slice(0, listed)
    .map((phase) => [phase.name, phase.layer || '–', String(phase.chunks), ...figures([phase], total)]);
  return [['op', 'layer', 'chunks', 'ms', 'share', 'GFLOP/s'], ...rows];
}
