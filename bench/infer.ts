// Predictions of every network, beside the same in other frameworks.
import { isPeer, versions, wanted } from './harness/comparison.ts';
import { asDuels, type Duels, duels, duelsTable, failures, nearest } from './harness/duel.ts';
import { factsOf, type Net } from './harness/networks.ts';
import type { Options } from './harness/options.ts';
import { type Benchmark, type Table, verdict } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { fovea, others } from './harness/variants.ts';

/** How many times Fovea's time each framework shall take at least. */
const targets = { torch: 1.2, onnxruntime: 1, 'keras-tensorflow': null } as const;

/** How many images a call predicts: one as it comes, or many. */
const batches = [1, 32];

/**
 * A call of a small network is over in a tenth of a millisecond: a turn has so many that a timer's grain and a sleepy
 * core do not show, and begins with a tenth of them uncounted, in which compilers that watch programs see them run.
 */
const turnsOf = (net: Net, batch: number, { rounds = 7, steps, smoke }: Options) => {
  const { turns, calls } = factsOf(net, smoke);
  if (smoke) return turns;
  const many = steps ?? (batch === 1 ? calls : Math.max(2, Math.round((2 * calls) / batch)));
  return { rounds, steps: many, idle: Math.max(2, Math.round(many / 10)) };
};

/** The row of the table that the targets are about. */
function summary(net: Net, batch: number, found: Duels): string[] {
  const against = Object.entries(targets).map(([framework, target]) => {
    const ratio = nearest(found.others, (name) => isPeer({ name }) && name.startsWith(framework))?.ratio ?? Number.NaN;
    if (target !== null) return verdict(ratio, target, true);
    return Number.isNaN(ratio) ? '–' : ratio.toFixed(2);
  });
  const { times, peakRssMB } = found.fovea;
  return [`${net} (${batch})`, median(times).toFixed(2), ...against, peakRssMB.toFixed(0)];
}

/** Measures each network with one image and with many; a peer that cannot take part is told with its reason. */
export const infer: Benchmark = async (options, say) => {
  const head = Object.entries(targets).map(([name, target]) => (target === null ? name : `${name} (≥ ${target})`));
  const rows = [['network (batch)', 'fovea ms', ...head, 'peak MB']];
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    for (const batch of options.batch === undefined ? batches : [options.batch]) {
      const each = { ...options, batch };
      const own = fovea('predict', net, each);
      const { variants, missing } = others(net, each, 'predict');
      const sides = wanted([{ ...own, name: 'fovea again' }, ...variants], options.only);
      const turns = turnsOf(net, batch, options);
      const what = `${net}, batch ${batch}`;
      say(`${what}: ${turns.rounds} rounds of ${turns.steps} calls against each of ${sides.length} sides`);
      const found = await duels(own, sides, turns, (text) => say(`${what}: ${text}`));
      rows.push(summary(net, batch, found));
      tables.push(duelsTable(what, found));
      const lost = failures(what, found);
      sentences.push(...lost, ...missing, versions([found.fovea, ...found.others]));
    }
  }
  return {
    title: 'Predictions of all networks',
    tables: [
      { title: 'Milliseconds of a call, and how many times Fovea’s the best of each framework takes', rows },
      ...tables,
    ],
    sentences: [
      'Fovea’s side is `predict` as people call it, once for each batch in memory, and the result read; weights are random.',
      asDuels,
      ...new Set(sentences),
    ],
  };
};
