// What a second thread brings, and what happens with more threads than cores.
import { type Duel, duels, duelsTable, failures } from './harness/duel.ts';
import { batchOf, turnsOf } from './harness/options.ts';
import { type Benchmark, type Table, verdict } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { changed, fovea } from './harness/variants.ts';

/** How many times as long one thread takes as two, at least. */
const scalingTarget = 1.85;

/** How many times as long a step may take with two threads more than cores. */
const crowdedTarget = 2;

/** Measures the step of each network with one thread, with two, with one for each core, and with two more. */
export const scaling: Benchmark = async (options, say) => {
  const { threads } = options;
  const crowd = threads + 2;
  const head = ['network (batch)', `${threads} threads ms`, `1 thread ÷ 2 (≥ ${scalingTarget})`];
  const rows = [[...head, `${crowd} threads ÷ ${threads} (≤ ${crowdedTarget})`, 'again']];
  const tables: Table[] = [];
  const lost: string[] = [];
  for (const net of options.nets) {
    const turns = turnsOf(net, options);
    const own = fovea('bare', net, options);
    const others = [...new Set([1, 2, crowd])]
      .filter((count) => count !== threads)
      .map((count) => changed(own, { name: named(count), env: { FOVEA_THREADS: String(count) } }));
    const sides = [changed(own, { name: 'again' }), ...others];
    const of = changed(own, { name: named(threads) });
    const found = await duels(of, sides, turns, (text) => say(`${net}: ${text}`));
    const ratio = ratioOf([found.fovea, ...found.others]);
    rows.push([
      `${net} (${batchOf(net, options)})`,
      median(found.fovea.times).toFixed(1),
      verdict(ratio(named(1)) / ratio(named(2)), scalingTarget, true),
      verdict(ratio(named(crowd)), crowdedTarget),
      ratio('again').toFixed(2),
    ]);
    tables.push(duelsTable(net, found, named(threads)));
    lost.push(...failures(net, found));
  }
  return {
    title: 'Threads',
    tables: [{ title: 'Training steps with more and with fewer threads', rows }, ...tables],
    sentences: [
      `Each number of threads met ${named(threads)} alone, turn by turn; ratios are medians of what each round gives. ` +
        '`again`: the same number in a second process.',
      ...lost,
    ],
  };
};

const named = (threads: number): string => `${threads} thread${threads === 1 ? '' : 's'}`;

const ratioOf =
  (sides: readonly Duel[]) =>
  (wanted: string): number =>
    sides.find(({ name }) => name === wanted)?.ratio ?? Number.NaN;
