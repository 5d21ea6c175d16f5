// The training step in mixed precision, Keras's `mixed_bfloat16`, beside PyTorch's autocast and the step in float32.
import { isPeer, versions, wanted } from './harness/comparison.ts';
import { asDuels, duels, duelsTable, failures, nearest } from './harness/duel.ts';
import { batchOf, turnsOf } from './harness/options.ts';
import { type Benchmark, type Table, verdict } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { changed, fovea, others } from './harness/variants.ts';

/** How many times Fovea's time PyTorch shall take, both in mixed precision, at least. */
const torchTarget = 1.2;

/** What sides are told. */
const mixed = ['--precision', 'bfloat16'];

/** Measures the step of each network in bfloat16 against the best of PyTorch in bfloat16 and against Fovea in float32. */
export const mixedPrecision: Benchmark = async (options, say) => {
  const head = ['network (batch)', 'fovea ms', 'best of PyTorch', 'its ms', `× fovea (≥ ${torchTarget})`];
  const rows = [[...head, 'float32 × fovea', 'peak MB', '÷ float32’s']];
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    const turns = turnsOf(net, options);
    const float32 = fovea('bare', net, options);
    const own = changed(float32, { args: mixed });
    const { variants, missing } = others(net, options);
    const torch = variants.filter(({ name }) => name.startsWith('torch'));
    const autocast = torch.map((variant) => changed(variant, { args: mixed }));
    const sides = wanted([changed(float32, { name: 'fovea float32' }), ...autocast], options.only);
    const found = await duels(own, sides, turns, (text) => say(`${net}: ${text}`));
    const best = nearest(found.others, (name) => isPeer({ name }));
    const plain = found.others.find(({ name }) => name === 'fovea float32');
    rows.push([
      `${net} (${batchOf(net, options)})`,
      median(found.fovea.times).toFixed(1),
      best?.name ?? 'none',
      best ? median(best.times).toFixed(1) : '–',
      verdict(best?.ratio ?? Number.NaN, torchTarget, true),
      plain ? plain.ratio.toFixed(2) : '–',
      found.fovea.peakRssMB.toFixed(0),
      plain ? (found.fovea.peakRssMB / plain.peakRssMB).toFixed(2) : '–',
    ]);
    tables.push(duelsTable(net, found));
    sentences.push(...failures(net, found), ...missing, versions([found.fovea, ...found.others]));
  }
  return {
    title: 'Mixed precision',
    facts: ['Activations and gradients in bfloat16, weights in float32: mixed_bfloat16; of PyTorch: autocast'],
    tables: [{ title: 'Training steps', rows }, ...tables],
    sentences: [asDuels, ...new Set(sentences)],
  };
};
