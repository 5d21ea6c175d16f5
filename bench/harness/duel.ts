// Comparisons whose sides do not fit into memory together: each peer meets Fovea alone.
import type { Table } from './report.ts';
import { median, pairedRatio, range } from './statistics.ts';
import { interleave, Trainer, type Turns } from './trainer.ts';
import type { Variant } from './variants.ts';

/** One side after its turns against Fovea. */
export interface Duel {
  readonly name: string;
  readonly version: string;
  /** Milliseconds of one step, turn by turn. */
  readonly times: readonly number[];
  /** Median of what a turn took against Fovea's turn of the same round; 1 for Fovea itself. */
  readonly ratio: number;
  readonly peakRssMB: number;
}

/** Fovea and all who met it. */
export interface Duels {
  readonly fovea: Duel;
  readonly others: readonly Duel[];
  /** Sides that were not measured, or not to the end, each with its reason. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
  readonly params: number;
}

/** A sentence for each side that was not measured. */
export const failures = (what: string, { failed }: Duels): string[] =>
  failed.map(({ name, reason }) => `${what}: ${name} was not measured: ${reason}`);

/** A side that takes so many times Fovea's time is no candidate for the best one … */
const hopeless = 3;
/** … and has this many turns at most. */
const fewRounds = 2;

/** How the sides met, as a report tells it. */
export const asDuels =
  'Each side met Fovea alone, turn by turn; the ratio is the median of what each round gives. A side that took three ' +
  'times as long after two rounds had no third.';

/** What has to stay free of the machine's memory; a side that takes more is ended. */
const reserve = 500 * 2 ** 20;

/**
 * Starts Fovea's side, then one of the others after the other: each takes turns with Fovea, and ends before the next
 * starts. One that fails, learns another number of parameters or takes the last of the memory is told with its reason.
 *
 * @throws Error if Fovea's own side cannot run
 */
export async function duels(
  own: Variant,
  others: readonly Variant[],
  turns: Turns,
  say: (sentence: string) => void,
): Promise<Duels> {
  const fovea = new Trainer(own.name, own.program);
  const met: Duel[] = [];
  const failed: { name: string; reason: string }[] = [];
  try {
    await fovea.ready();
    say(`${own.name} is ready`);
    if (others.length === 0) await interleave([fovea], turns);
    for (const variant of others) {
      try {
        met.push(await duel(fovea, variant, turns));
        say(`${variant.name}: ${met.at(-1)!.ratio.toFixed(2)}×`);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        failed.push({ name: variant.name, reason });
        say(`${variant.name} was not measured: ${reason}`);
      }
    }
    // A peer's failure may have been Fovea's.
    if (fovea.times.length === 0) await interleave([fovea], turns);
    return { fovea: { ...known(fovea, fovea.times), ratio: 1 }, others: met, failed, params: fovea.params };
  } finally {
    await fovea.close();
  }
}

async function duel(fovea: Trainer, { name, program }: Variant, { rounds, ...turn }: Turns): Promise<Duel> {
  const peer = new Trainer(name, program);
  const guard = setInterval(() => {
    if (process.availableMemory() < reserve) peer.kill(`it took the last of the machine's memory`);
  }, 200);
  try {
    await peer.ready(fovea.params);
    const from = fovea.times.length;
    for (let round = 0; round < rounds; round++) {
      if (round === fewRounds && pairedRatio(peer.times, fovea.times.slice(from)) > hopeless) break;
      await interleave(round % 2 === 0 ? [fovea, peer] : [peer, fovea], { rounds: 1, ...turn });
    }
    return { ...known(peer, peer.times), ratio: pairedRatio(peer.times, fovea.times.slice(from)) };
  } finally {
    clearInterval(guard);
    await peer.close();
  }
}

const known = ({ name, version, peakRssMB }: Trainer, times: readonly number[]): Omit<Duel, 'ratio'> => ({
  name,
  version,
  times: [...times],
  peakRssMB,
});

/** The side that came nearest to Fovea, or farthest ahead, among those that fit. */
export function nearest(others: readonly Duel[], fits: (name: string) => boolean): Duel | undefined {
  return others.filter(({ name }) => fits(name)).toSorted((a, b) => a.ratio - b.ratio)[0];
}

/** A row for each side; `base` is what the ratios are multiples of. */
export function duelsTable(title: string, { fovea, others, failed, params }: Duels, base = 'fovea'): Table {
  const rows = [fovea, ...others].map(({ name, times, ratio, peakRssMB }) => [
    name,
    median(times).toFixed(1),
    range(times, 1),
    ratio.toFixed(2),
    peakRssMB.toFixed(0),
    String(times.length),
  ]);
  const lost = failed.map(({ name }) => [name, '–', '–', '–', '–', 'failed']);
  const head = ['side', 'ms a step', 'from–to', `× ${base}`, 'peak MB', 'turns'];
  return { title: `${title} (${params} parameters)`, rows: [head, ...rows, ...lost] };
}
