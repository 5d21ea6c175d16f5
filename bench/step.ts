// One training step of both networks, beside the same step in other frameworks.
import { againstFovea, bestPeer, sidesTable, together, versions, wanted } from './harness/comparison.ts';
import type { Net } from './harness/networks.ts';
import { batchOf, type Options } from './harness/options.ts';
import { type Benchmark, type Table, target } from './harness/report.ts';
import { fovea, others, type Variant } from './harness/variants.ts';

/** What the others are compared with, the same again (how far equal sides differ), `fit`, and the peers. */
function sides(net: Net, options: Options): { variants: Variant[]; missing: string[] } {
  const { variants, missing } = others(net, options);
  const own = fovea('bare', net, options);
  const control = { ...own, name: 'fovea again' };
  return { variants: [own, control, ...wanted([fovea('fit', net, options), ...variants], options.only)], missing };
}

/** Measures the step of each network in turn: more processes at once would not fit into memory. */
export const step: Benchmark = async (options, say) => {
  const { rounds = 15, steps = 15 } = options;
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    const { variants, missing } = sides(net, options);
    const { trainers, failed } = await together(net, variants, { rounds, steps }, say);
    tables.push(
      sidesTable(`${net}, batch ${batchOf(net, options)}`, trainers, 'peak MB', ({ peakRssMB }) => peakRssMB),
    );
    const best = bestPeer(trainers);
    const ratio = best ? againstFovea(best, trainers) : Number.NaN;
    if (best && !Number.isNaN(ratio))
      sentences.push(target(`${net}: the best peer (${best.name}) against Fovea`, ratio, 1, '×', true));
    sentences.push(versions(trainers), ...missing, ...failed);
  }
  const what = `${rounds} interleaved rounds of ${steps} steps; the ratio is the median of what each round gives.`;
  return { title: 'One training step', tables, sentences: [...new Set([what, ...sentences])] };
};
