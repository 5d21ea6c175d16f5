import type { Net } from './networks.ts';
import type { Table } from './report.ts';
import { pairedRatio, range } from './statistics.ts';
import { interleave, started, type Trainer, type Turns } from './trainer.ts';
import type { Variant } from './variants.ts';

/** The sides of a comparison after their turns. */
export interface Compared {
  readonly trainers: readonly Trainer[];
  /** Sides that did not start, in sentences. */
  readonly failed: readonly string[];
}

/** Starts the sides of one network, lets them take turns, and ends them. */
export async function together(
  net: Net,
  variants: readonly Variant[],
  turns: Turns,
  say: (sentence: string) => void,
): Promise<Compared> {
  const { trainers, failed } = await started(variants, (name) => say(`${net}: ${name} is ready`));
  try {
    say(`${net}: ${turns.rounds} rounds of ${turns.steps} steps, ${trainers.length} sides`);
    await interleave(trainers, turns);
  } finally {
    await Promise.all(trainers.map((trainer) => trainer.close()));
  }
  return { trainers, failed: failed.map((sentence) => `${net}: not measured: ${sentence}`) };
}

/** How many times as long as Fovea's bare steps a side takes; `NaN` without them. */
export function againstFovea(trainer: Trainer, trainers: readonly Trainer[]): number {
  const base = trainers.find(({ name }) => name === 'fovea');
  return base ? pairedRatio(trainer.times, base.times) : Number.NaN;
}

/** Whether a side is none of Fovea's own. */
export const isPeer = ({ name }: { name: string }): boolean => !name.startsWith('fovea');

/** The peer with the lowest median. */
export function bestPeer(trainers: readonly Trainer[]): Trainer | undefined {
  return trainers.filter(isPeer).toSorted((a, b) => a.milliseconds - b.milliseconds)[0];
}

/** A row for each side; the last column is the memory that the benchmark cares about. */
export function sidesTable(
  title: string,
  trainers: readonly Trainer[],
  memory: string,
  megabytes: (trainer: Trainer) => number,
): Table {
  const rows = trainers.map((trainer) => [
    trainer.name,
    trainer.milliseconds.toFixed(2),
    range(trainer.times, 1),
    againstFovea(trainer, trainers).toFixed(2),
    megabytes(trainer).toFixed(0),
  ]);
  const head = ['side', 'ms a step', 'from–to', '× fovea', memory];
  return { title: `${title} (${trainers[0]?.params} parameters)`, rows: [head, ...rows] };
}

/** What took part, each version once. */
export const versions = (trainers: readonly { version: string }[]): string =>
  `Versions: ${[...new Set(trainers.map(({ version }) => version))].join('; ')}.`;

/** Of the sides beside Fovea's bare steps those that `--only` names; all without it. */
export function wanted(variants: readonly Variant[], only: readonly string[]): Variant[] {
  return variants.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
}
