// One training step of this build and of another revision's, so that a slow-down is seen before it lands.
import { build, checkedOut, commitOf } from './harness/checkout.ts';
import { together } from './harness/comparison.ts';
import { addonOf, compile } from './harness/compiled.ts';
import type { Net } from './harness/networks.ts';
import { batchOf, type Options, turnsOf } from './harness/options.ts';
import type { Benchmark } from './harness/report.ts';
import { median, medianRange, ratios } from './harness/statistics.ts';
import { changed, fovea, trainer } from './harness/variants.ts';

/** From fewer rounds no median's range can be told; of a deep network `nets` has five. */
const fewestRounds = 9;

/** Which build takes longer, or neither. */
export type Slower = 'this' | 'other' | 'neither';

/**
 * Judges the other build's times as multiples of this one's, by how far this one's are from its own in a second process:
 * only where the whole range of the median lies beyond that, one is slower.
 *
 * @param other of each round: the other build's time, divided by this one's
 * @param again of each round: that of this build in a second process, divided by this one's
 */
export function slower(other: readonly number[], again: readonly number[]): Slower {
  const noise = Math.max(...medianRange(again).map((ratio) => Math.abs(Math.log(ratio))));
  const [low, high] = medianRange(other).map(Math.log) as [number, number];
  if (low > noise) return 'other';
  return high < -noise ? 'this' : 'neither';
}

/** A median of ratios with its range. */
const told = (values: readonly number[]): string[] => {
  const [low, high] = medianRange(values);
  return [median(values).toFixed(3), `${low.toFixed(3)}–${high.toFixed(3)}`];
};

/** Measures a network; a row for the table, and a sentence where one build is slower. */
async function row(net: Net, options: Options, folder: string, say: (text: string) => void) {
  const usual = turnsOf(net, options);
  const rounds = options.rounds ?? (options.smoke ? usual.rounds : Math.max(usual.rounds, fewestRounds));
  const own = fovea('bare', net, options);
  const other = changed(own, { name: `fovea of ${options.ref}`, cwd: folder, env: { FOVEA_ADDON: addonOf(folder) } });
  const sides = [own, changed(own, { name: 'fovea again' }), other];
  const { trainers, failed } = await together(net, sides, { ...usual, rounds }, say);
  const [base, control, against] = trainers;
  if (!base || !control || !against) throw new Error(failed.join(' '));
  const [again, ratio] = [ratios(control.times, base.times), ratios(against.times, base.times)];
  const found = slower(ratio, again);
  const name = { this: 'this build', other: options.ref, neither: 'neither' }[found];
  const times = [base, against].map(({ milliseconds }) => milliseconds.toFixed(2));
  const cells = [`${net} (${batchOf(net, options)})`, ...times, ...told(ratio), ...told(again), name];
  const factor = Math.max(median(ratio), 1 / median(ratio)).toFixed(3);
  return { cells, verdict: found === 'neither' ? [] : [`${net}: **${name} is slower, ${factor}×**.`] };
}

/** Measures each network: this build, the same in a second process, and the other revision's. */
export const compare: Benchmark = async (options, say) => {
  const { ref } = options;
  const commit = await commitOf(ref);
  const head = ['network (batch)', 'this ms', 'other ms', 'other ÷ this', 'range', 'this again', 'range', 'slower'];
  const rows = [head];
  const sentences: string[] = [];
  await checkedOut(ref, async (folder) => {
    say(`building ${ref} (${commit})`);
    await build(folder);
    compile(trainer, folder);
    for (const net of options.nets) {
      const { cells, verdict } = await row(net, options, folder, say);
      rows.push(cells);
      sentences.push(...verdict);
    }
  });
  if (sentences.length === 0) sentences.push('No network is slower in one of the builds than in the other.');
  return {
    title: `This build and ${ref}`,
    facts: [`The other build: ${ref} (${commit}), with its own sources, networks and release addon`],
    tables: [{ title: 'One training step', rows }],
    sentences: [
      ...sentences,
      'All three take turns; ratios are medians of what each round gives, with the range where the true one lies in 95 of ' +
        '100 cases. One build is slower if that range lies beyond how far this build is from itself in a second process.',
    ],
  };
};
