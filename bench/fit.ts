// What fit costs beyond the bare steps, and how soon its first step begins.
import { runToEnd, script } from './harness/child.ts';
import type { Net, Options } from './harness/options.ts';
import { type Benchmark, type Table, target } from './harness/report.ts';
import { median, pairedRatio, range } from './harness/statistics.ts';
import { interleave, Trainer } from './harness/trainer.ts';
import { fovea } from './harness/variants.ts';

/** Measures `fit` beside the bare steps, and fresh processes until their first step. */
export const fit: Benchmark = async (options, say) => {
  const { rounds = 15, steps = 100 } = options;
  const tables: Table[] = [];
  const sentences = [
    'fit shuffles, computes loss and accuracy, and draws the progress bar; the bare steps do none of it. ' +
      `Batch ${options.batch}, ${rounds} interleaved rounds, epochs of ${steps} steps.`,
  ];
  for (const net of options.nets) {
    say(`${net}: fit beside the bare steps`);
    const trainers = (['bare', 'fit'] as const).map((face) => {
      const { name, program } = fovea(face, net, options);
      return new Trainer(name, program);
    });
    const [plain, whole] = trainers as [Trainer, Trainer];
    try {
      for (const trainer of trainers) await trainer.ready();
      await interleave(trainers, rounds, steps);
    } finally {
      await Promise.all(trainers.map((trainer) => trainer.close()));
    }
    const ratio = pairedRatio(whole.times, plain.times);
    const rows = trainers.map(({ name, milliseconds, times }) => [name, milliseconds.toFixed(2), range(times, 1)]);
    tables.push({ title: net, rows: [['side', 'ms a step', 'from–to'], ...rows] });
    sentences.push(target(`${net}: fit against the bare steps`, ratio, 1.1, '×'));
    const waits = await firstSteps(net, options);
    sentences.push(
      target(
        `${net}: from fit() to the first step, median of ${waits.length} fresh processes`,
        median(waits),
        1_000,
        ' ms',
      ),
    );
  }
  return { title: 'fit', tables, sentences };
};

/** Milliseconds from `fit()` to the first step, one fresh process after the other. */
async function firstSteps(net: Net, { batch, threads }: Options): Promise<number[]> {
  const program = script('bench/fovea/first-step.ts', [net, String(batch)], { FOVEA_THREADS: String(threads) });
  const waits: number[] = [];
  for (let i = 0; i < 5; i++) waits.push(Number(await runToEnd(program)));
  return waits;
}
