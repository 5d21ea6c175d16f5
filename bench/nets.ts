// One training step of every network that people train, beside the same step in other frameworks.
import { isPeer, versions, wanted } from './harness/comparison.ts';
import { asDuels, type Duels, duels, duelsTable, failures, nearest } from './harness/duel.ts';
import { factsOf, type Net } from './harness/networks.ts';
import { batchOf, type Options, turnsOf } from './harness/options.ts';
import { type Benchmark, type Table, verdict } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { fovea, others } from './harness/variants.ts';

/** How much of PyTorch's memory Fovea shall take at most. */
const memoryTarget = 0.6;

/** Float32 numbers that training keeps of each parameter: itself, and what the optimizer has. */
const kept = { adam: 3, rmsprop: 2 } as const;

/** The least memory of PyTorch's sides; `Infinity` if there are none. */
const leastOfTorch = ({ others }: Duels): number =>
  Math.min(...others.filter(({ name }) => name.startsWith('torch')).map(({ peakRssMB }) => peakRssMB));

/** Of a network that misses the target: how much of its memory is what training cannot do without. */
function memoryFloor(net: Net, found: Duels): string[] {
  const least = leastOfTorch(found);
  if (found.fovea.peakRssMB <= memoryTarget * least) return [];
  const { optimizer } = factsOf(net);
  const bare = (found.params * kept[optimizer] * 4) / 2 ** 20;
  const share = (bare / least).toFixed(2);
  return [
    `${net}: the parameters and what ${optimizer} keeps of them in float32 are ${bare.toFixed(0)} MB, ${share} of the least of PyTorch’s.`,
  ];
}

/** What a network and its steps are called in the report. */
const title = (net: Net, options: Options): string => {
  const { image, optimizer } = factsOf(net, options.smoke);
  return `${net}, batch ${batchOf(net, options)}, ${image.join('×')}, ${optimizer}`;
};

/** The network's row of the table that the targets are about. */
function summary(net: Net, options: Options, found: Duels): string[] {
  const { target } = factsOf(net);
  const best = nearest(found.others, (name) => isPeer({ name }));
  const least = leastOfTorch(found);
  return [
    `${net} (${batchOf(net, options)})`,
    median(found.fovea.times).toFixed(1),
    best?.name ?? 'none',
    best ? median(best.times).toFixed(1) : '–',
    verdict(best?.ratio ?? Number.NaN, target, true),
    target.toFixed(1),
    found.fovea.peakRssMB.toFixed(0),
    verdict(Number.isFinite(least) ? found.fovea.peakRssMB / least : Number.NaN, memoryTarget),
  ];
}

/** Measures each network in turn; a peer that cannot take part stands in the tables and is told with its reason. */
export const nets: Benchmark = async (options, say) => {
  const rows = [['network (batch)', 'fovea ms', 'best peer', 'its ms', '× fovea', 'target', 'peak MB', '÷ PyTorch’s']];
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    const turns = turnsOf(net, options);
    const own = fovea('bare', net, options);
    const { variants, missing } = others(net, options);
    const sides = wanted([{ ...own, name: 'fovea again' }, ...variants], options.only);
    say(`${net}: ${turns.rounds} rounds of ${turns.steps} steps against each of ${sides.length} sides`);
    const found = await duels(own, sides, turns, (text) => say(`${net}: ${text}`));
    rows.push(summary(net, options, found));
    tables.push(duelsTable(title(net, options), found));
    const lost = failures(net, found);
    sentences.push(
      `${net}: ${turns.rounds} rounds of ${turns.steps} counted steps.`,
      ...memoryFloor(net, found),
      ...lost,
      ...missing,
    );
    sentences.push(versions([found.fovea, ...found.others]));
  }
  return {
    title: 'Training steps of all networks',
    tables: [{ title: 'Training steps', rows }, ...tables],
    sentences: [
      asDuels,
      `Memory: Fovea’s greatest resident memory, and what it is of the least of PyTorch’s (target: at most ${memoryTarget}).`,
      ...new Set(sentences),
    ],
  };
};
