// The training step on CPUs without AVX-512, and without AVX2: this one, held to less than it can.
import { isPeer, versions, wanted } from './harness/comparison.ts';
import { asDuels, duels, duelsTable, failures, nearest } from './harness/duel.ts';
import { batchOf, turnsOf } from './harness/options.ts';
import { type Benchmark, type Table, verdict } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { changed, fovea, others } from './harness/variants.ts';

/** How many times Fovea's time PyTorch shall take, both with AVX2, at least. */
const torchTarget = 1.2;

/** How many times as long the portable kernels may take as those for AVX2. */
const portableTarget = 4;

/** What holds PyTorch to AVX2: its own kernels and compiler, oneDNN, and MKL. */
const torchHeld = { ATEN_CPU_CAPABILITY: 'avx2', ONEDNN_MAX_CPU_ISA: 'AVX2', MKL_ENABLE_INSTRUCTIONS: 'AVX2' };

/** Measures the step of each network with Fovea's kernels for AVX2 against the portable ones and PyTorch with AVX2. */
export const isa: Benchmark = async (options, say) => {
  const head = ['network (batch)', 'fovea ms', 'best of PyTorch', `× fovea (≥ ${torchTarget})`];
  const rows = [[...head, `portable × fovea (≤ ${portableTarget})`, 'again']];
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    const turns = turnsOf(net, options);
    const own = changed(fovea('bare', net, options), { env: { FOVEA_ISA: 'avx2' } });
    const again = changed(own, { name: 'fovea again' });
    const portable = changed(own, { name: 'fovea portable', env: { FOVEA_ISA: 'portable' } });
    const { variants, missing } = others(net, options);
    const torch = variants.filter(({ name }) => name.startsWith('torch'));
    const held = torch.map((variant) => changed(variant, { env: torchHeld }));
    const sides = wanted([again, portable, ...held], options.only);
    const found = await duels(own, sides, turns, (text) => say(`${net}: ${text}`));
    const best = nearest(found.others, (name) => isPeer({ name }));
    const ratio = (side: string) => found.others.find(({ name }) => name === side)?.ratio ?? Number.NaN;
    rows.push([
      `${net} (${batchOf(net, options)})`,
      median(found.fovea.times).toFixed(1),
      best?.name ?? 'none',
      verdict(best?.ratio ?? Number.NaN, torchTarget, true),
      verdict(ratio('fovea portable'), portableTarget),
      Number.isNaN(ratio('fovea again')) ? '–' : ratio('fovea again').toFixed(2),
    ]);
    tables.push(duelsTable(net, found));
    const lost = failures(net, found);
    sentences.push(...lost, ...missing, versions([found.fovea, ...found.others]));
  }
  return {
    title: 'Older instruction sets',
    facts: [`All but the portable kernels held to AVX2: FOVEA_ISA=avx2; ${spelled(torchHeld)}`],
    tables: [{ title: 'Training steps', rows }, ...tables],
    sentences: [asDuels, ...new Set(sentences)],
  };
};

const spelled = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map((pair) => pair.join('='))
    .join(' ');
