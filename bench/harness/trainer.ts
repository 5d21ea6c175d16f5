import { setTimeout as pause } from 'node:timers/promises';
import { Child, type Program } from './child.ts';
import { median } from './statistics.ts';
import type { Variant } from './variants.ts';

/** The first line of a process that trains or predicts. */
export interface Ready {
  readonly ready: true;
  readonly version: string;
  readonly params: number;
}

/** What such a process says of a number of steps; Fovea's own tells more. */
export interface Turn {
  readonly seconds: number;
  /** What shows that all is well by being finite: the loss of the last step, or the last number predicted. */
  readonly value: number;
  readonly peakRssMB: number;
  /** Memory of the GPU that the process holds; only of sides that compute on one. */
  readonly deviceMB?: number;
}

/** How often each side has its turn, and how many steps that is. */
export interface Turns {
  readonly rounds: number;
  readonly steps: number;
  /** Steps that begin a turn and are not counted; two if left out. */
  readonly idle?: number;
}

/** How many seconds a side may take until it is ready: TorchInductor compiles a hundred kernels of a deep network. */
const patience = 1_800;

/** One side of a comparison: a process that runs steps on request, and what it took for them. */
export class Trainer<T extends Turn = Turn> {
  readonly name: string;
  /** Milliseconds of one step, turn by turn. */
  readonly times: number[] = [];
  version = '';
  params = 0;
  peakRssMB = 0;
  deviceMB = 0;
  readonly #child: Child;

  constructor(name: string, program: Program) {
    this.name = name;
    this.#child = new Child(name, program);
  }

  /**
   * Waits for the process to be ready.
   *
   * @param wanted how many numbers its network has to learn: another network is not compared
   * @throws Error if it ended, or has another network
   */
  async ready(wanted?: number): Promise<void> {
    const { version, params } = await this.#child.answer<Ready>(patience);
    if (wanted !== undefined && params !== wanted)
      throw new Error(`${this.name} has ${params} parameters, not ${wanted}: this is another network.`);
    this.version = version;
    this.params = params;
  }

  /** Runs steps; gives what the process says. */
  run(steps: number): Promise<T> {
    return this.#child.ask<T>({ steps });
  }

  /** One measured turn. */
  async turn({ steps, idle = 2 }: Omit<Turns, 'rounds'>): Promise<void> {
    // Caches still hold what the process before left in them, threads sleep, and a GPU has lowered its clock.
    await this.run(idle);
    const { seconds, value, peakRssMB, deviceMB } = await this.run(steps);
    if (!Number.isFinite(value)) throw new Error(`${this.name} computed ${value}.`);
    this.times.push((seconds * 1_000) / steps);
    this.peakRssMB = peakRssMB;
    this.deviceMB = deviceMB ?? 0;
  }

  get milliseconds(): number {
    return median(this.times);
  }

  close(): Promise<void> {
    return this.#child.close();
  }

  /** Ends the process at once; the reason is for whoever waits for it. */
  kill(why?: string): void {
    this.#child.kill(why);
  }
}

/**
 * Turn by turn, one process at a time, so that whatever slows the machine down meets all sides alike;
 * another side begins each round. Idle threads of the one before get time to fall asleep.
 */
export async function interleave(trainers: readonly Trainer[], turns: Turns): Promise<void> {
  for (let round = 0; round < turns.rounds; round++) {
    for (let i = 0; i < trainers.length; i++) {
      await pause(30);
      await trainers[(round + i) % trainers.length]!.turn(turns);
    }
  }
}

/**
 * Starts processes one after the other and waits until each is ready; those that cannot, or whose network has other
 * parameters than the first's, are told in sentences and left out.
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
      await trainer.ready(trainers[0]?.params);
      trainers.push(trainer);
      tell(name);
    } catch (error) {
      trainer.kill();
      failed.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { trainers, failed };
}
