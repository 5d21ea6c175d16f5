import { badArgument, whole } from '../errors.ts';
import { numberWithin, readOptions } from '../options.ts';
import type { Logs } from './callback.ts';
import { MonitorCallback, type MonitorOptions } from './monitor.ts';

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** By what the learning rate is multiplied, below 1; 0.1 if left out. */
  factor?: number | undefined;
  /** After how many epochs without anything better, 10 if left out. */
  patience?: number | undefined;
  /** Whether it says what it does: 1 it does, 0 (if left out) not. */
  verbose?: 0 | 1 | undefined;
  /** What counts as better at least, 1e-4 if left out. */
  minDelta?: number | undefined;
  /** How many epochs after a reduction do not count, 0 if left out. */
  cooldown?: number | undefined;
  /** The learning rate never falls below it, 0 if left out. */
  minLr?: number | undefined;
}

const names = ['monitor', 'factor', 'patience', 'verbose', 'mode', 'minDelta', 'cooldown', 'minLr'] as const;

/**
 * Lowers the learning rate when a log no longer gets better; the logs get a `learningRate`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a factor of 1 or more, and where the log's name does not tell whether more is
 * better and no `mode` does
 * @see https://keras.io/api/callbacks/reduce_lr_on_plateau/
 */
export class ReduceLROnPlateau extends MonitorCallback {
  readonly factor: number;
  readonly patience: number;
  readonly verbose: 0 | 1;
  readonly cooldown: number;
  readonly minLr: number;
  /** Epochs since anything was better. */
  wait = 0;
  /** Epochs that still do not count. */
  cooldownCounter = 0;

  constructor(
    monitor?: string | ReduceLROnPlateauOptions,
    factor?: number | ReduceLROnPlateauOptions,
    patience?: number | ReduceLROnPlateauOptions,
    options?: ReduceLROnPlateauOptions,
  ) {
    const where = 'ReduceLROnPlateau';
    const read = readOptions<ReduceLROnPlateauOptions>(where, names, [monitor, factor, patience, options]);
    super(where, read, 1e-4);
    this.factor = numberWithin(where, 'factor', read.factor ?? 0.1, 0, 1);
    if (this.factor === 1) throw badArgument(where, 'factor must be less than 1; received 1.');
    this.patience = numberWithin(where, 'patience', read.patience ?? 10, 0, Infinity);
    this.verbose = read.verbose ?? 0;
    this.cooldown = whole(where, 'cooldown', read.cooldown ?? 0, 0);
    this.minLr = numberWithin(where, 'minLr', read.minLr ?? 0, 0, Infinity);
  }

  override onTrainBegin(): void {
    this.best = null;
    this.wait = 0;
    this.cooldownCounter = 0;
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const rate = await this.model.optimizer.learningRate.item();
    logs.learningRate = rate;
    const value = this.watched(logs);
    if (value === undefined) return;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.wait = 0;
    }
    if (this.better(value, this.best)) {
      this.best = value;
      this.wait = 0;
    } else if (this.cooldownCounter === 0 && ++this.wait >= this.patience) this.#reduce(epoch, rate);
  }

  #reduce(epoch: number, rate: number): void {
    if (rate <= Math.fround(this.minLr)) return;
    const next = Math.max(rate * this.factor, this.minLr);
    this.model.optimizer.learningRate = next;
    if (this.verbose > 0) console.log(`\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${next}.`);
    this.cooldownCounter = this.cooldown;
    this.wait = 0;
  }
}
