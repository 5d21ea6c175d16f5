// What fit costs beyond the bare steps, and how soon its first step begins.
import { runToEnd } from './harness/child.ts';
import { compiledScript } from './harness/compiled.ts';
import type { Net } from './harness/networks.ts';
import { batchOf, type Options } from './harness/options.ts';
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
      `${rounds} interleaved rounds, epochs of ${steps} steps.`,
  ];
  for (const net of options.nets) {
    say(`${net}: fit beside the bare steps, and those beside themselves`);
    const [plain, again, whole] = await sides(net, options, rounds, steps);
    const rows = [plain, again, whole].map(({ name, milliseconds, times }) => [
      name,
      milliseconds.toFixed(2),
      range(times, 1),
    ]);
    tables.push({ title: `${net}, batch ${batchOf(net, options)}`, rows: [['side', 'ms a step', 'from–to'], ...rows] });
    const noise = pairedRatio(again.times, plain.times);
    const both = plain.times.map((time, i) => (time + again.times[i]!) / 2);
    const ratio = pairedRatio(whole.times, both);
    sentences.push(
      `${net}: the bare steps against themselves, in another process: ${noise.toFixed(2)}×.`,
      quiet(noise)
        ? target(`${net}: fit against the bare steps`, ratio, 1.1, '×')
        : `${net}: fit against the bare steps: ${ratio.toFixed(2)}×, which says nothing on a machine this busy.`,
    );
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

/** Whether two equal sides came out equal, to half of what fit may cost: else no verdict is due. */
const quiet = (noise: number): boolean => Math.abs(noise - 1) <= 0.05;

/** The bare steps twice, in two processes, and `fit`, interleaved. */
async function sides(
  net: Net,
  options: Options,
  rounds: number,
  steps: number,
): Promise<[plain: Trainer, again: Trainer, whole: Trainer]> {
  const side = (face: 'bare' | 'fit', name: string) => new Trainer(name, fovea(face, net, options).program);
  const trainers: [Trainer, Trainer, Trainer] = [
    side('bare', 'bare steps'),
    side('bare', 'bare steps again'),
    side('fit', 'fit'),
  ];
  try {
    for (const trainer of trainers) await trainer.ready();
    await interleave(trainers, { rounds, steps });
    return trainers;
  } finally {
    await Promise.all(trainers.map((trainer) => trainer.close()));
  }
}

/** Milliseconds from `fit()` to the first step, one fresh process after the other. */
async function firstSteps(net: Net, options: Options): Promise<number[]> {
  const { threads } = options;
  const program = compiledScript('bench/fovea/first-step.ts', [net, String(batchOf(net, options))], {
    FOVEA_THREADS: String(threads),
  });
  const waits: number[] = [];
  for (let i = 0; i < 5; i++) waits.push(Number(await runToEnd(program)));
  return waits;
}
