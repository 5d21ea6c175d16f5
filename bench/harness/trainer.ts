import { setTimeout as pause } from 'node:timers/promises';
import { Child, type Program } from './child.ts';
import { median } from './statistics.ts';
import type { Variant } from './variants.ts';

/** The first line of a process that trains. */
export interface Ready {
  readonly ready: true;
  readonly version: string;
  readonly params: number;
}

/** What such a process says of a number of steps; Fovea's own tells more. */
export interface Turn {
  readonly seconds: number;
  readonly loss: number;
  readonly peakRssMB: number;
}

/** One side of a comparison: a process that trains steps on request, and what it took for them. */
export class Trainer<T extends Turn = Turn> {
  readonly name: string;
  /** Milliseconds of one step, turn by turn. */
  readonly times: number[] = [];
  version = '';
  params = 0;
  peakRssMB = 0;
  readonly #child: Child;

  constructor(name: string, program: Program) {
    this.name = name;
    this.#child = new Child(name, program);
  }

  /** Waits for the process to be ready to train. */
  async ready(): Promise<void> {
    const { version, params } = await this.#child.answer<Ready>();
    this.version = version;
    this.params = params;
  }

  /** Trains; gives what the process says. */
  train(steps: number): Promise<T> {
    return this.#child.ask<T>({ steps });
  }

  /** One measured turn. */
  async turn(steps: number): Promise<void> {
    // Caches still hold what the process before left in them, and threads sleep.
    await this.train(2);
    const { seconds, loss, peakRssMB } = await this.train(steps);
    if (!Number.isFinite(loss)) throw new Error(`${this.name}: the loss is ${loss}.`);
    this.times.push((seconds * 1_000) / steps);
    this.peakRssMB = peakRssMB;
  }

  get milliseconds(): number {
    return median(this.times);
  }

  close(): Promise<void> {
    return this.#child.close();
  }

  kill(): void {
    this.#child.kill();
  }
}

/**
 * Turn by turn, one process at a time, so that whatever slows the machine down meets all sides alike;
 * another side begins each round. Idle threads of the one before get time to fall asleep.
 */
export async function interleave(trainers: readonly Trainer[], rounds: number, steps: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < trainers.length; i++) {
      await pause(30);
      await trainers[(round + i) % trainers.length]!.turn(steps);
    }
  }
}

/**
 * Starts processes one after the other and waits until each is ready; those that cannot are told in
 * sentences and left out.
 */
export async function started(
  variants: readonly Variant[],
  tell: (name: string) => void,
): Promise<{ trainers: Trainer[]; failed: string[] }> {
  const trainers: Trainer[] = [];
  const failed: string[] = [];
  for (const { name, program } of variants) {
    const trainer = new Trainer(name, program);
    try {
      await trainer.ready();
      trainers.push(trainer);
      tell(name);
    } catch (error) {
      trainer.kill();
      failed.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { trainers, failed };
}
