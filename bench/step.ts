// One training step of both networks, beside the same step in other frameworks.
import type { Net, Options } from './harness/options.ts';
import { type Benchmark, type Table, target } from './harness/report.ts';
import { pairedRatio, range } from './harness/statistics.ts';
import { interleave, started, type Trainer } from './harness/trainer.ts';
import { fovea, others, type Variant } from './harness/variants.ts';

/** What the others are compared with, the same again (how far equal sides differ), `fit`, and the peers. */
function sides(net: Net, options: Options): { variants: Variant[]; missing: string[] } {
  const { variants, missing } = others(net, options);
  const wanted = ({ name }: Variant) => options.only.length === 0 || options.only.some((part) => name.includes(part));
  const own = fovea('bare', net, options);
  const control = { ...own, name: 'fovea again' };
  return { variants: [own, control, ...[fovea('fit', net, options), ...variants].filter(wanted)], missing };
}

/** Measures the step of each network in turn: more processes at once would not fit into memory. */
export const step: Benchmark = async (options, say) => {
  const { rounds = 15, steps = 15 } = options;
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    const { variants, missing } = sides(net, options);
    const { trainers, failed } = await started(variants, (name) => say(`${net}: ${name} is ready`));
    try {
      say(`${net}: ${rounds} rounds of ${steps} steps, ${trainers.length} sides`);
      await interleave(trainers, rounds, steps);
    } finally {
      await Promise.all(trainers.map((trainer) => trainer.close()));
    }
    const { table, verdict } = compare(net, trainers);
    tables.push(table);
    sentences.push(
      ...verdict,
      versions(trainers),
      ...missing,
      ...failed.map((sentence) => `${net}: not measured: ${sentence}`),
    );
  }
  const what = `Batch ${options.batch}, ${rounds} interleaved rounds of ${steps} steps; the ratio is the median of what each round gives.`;
  return { title: 'One training step', tables, sentences: [...new Set([what, ...sentences])] };
};

const versions = (trainers: readonly Trainer[]): string =>
  `Versions: ${[...new Set(trainers.map(({ version }) => version))].join('; ')}.`;

function compare(net: string, trainers: readonly Trainer[]): { table: Table; verdict: string[] } {
  const base = trainers.find(({ name }) => name === 'fovea');
  const against = (trainer: Trainer) => (base ? pairedRatio(trainer.times, base.times) : Number.NaN);
  const rows = trainers.map((trainer) => [
    trainer.name,
    trainer.milliseconds.toFixed(2),
    range(trainer.times, 1),
    against(trainer).toFixed(2),
    trainer.peakRssMB.toFixed(0),
  ]);
  const head = ['side', 'ms a step', 'from–to', '× fovea', 'peak MB'];
  const table = { title: `${net} (${base?.params ?? trainers[0]?.params} parameters)`, rows: [head, ...rows] };
  const peers = trainers.filter(({ name }) => !name.startsWith('fovea'));
  const best = peers.toSorted((a, b) => a.milliseconds - b.milliseconds)[0];
  if (!base || !best) return { table, verdict: [] };
  const verdict = target(`${net}: the best peer (${best.name}) against Fovea`, against(best), 1, '×', true);
  return { table, verdict: [verdict] };
}
