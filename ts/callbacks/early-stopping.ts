import { flag } from '../errors.ts';
import { numberWithin, positiveInteger, readOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import type { Logs } from './callback.ts';
import { MonitorCallback, type MonitorOptions } from './monitor.ts';

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** What counts as better at least, 0 if left out. */
  minDelta?: number | undefined;
  /** How many epochs may pass without anything better, 0 if left out. */
  patience?: number | undefined;
  /** Whether it says why training ended: 1 it does, 0 (if left out) not. */
  verbose?: 0 | 1 | undefined;
  /** What the log must be better than; nothing if left out. */
  baseline?: number | null | undefined;
  /** Takes the weights of the best epoch at the end, however training ended; `false` if left out. */
  restoreBestWeights?: boolean | undefined;
  /** The first epoch that counts, from 0; 0 if left out. */
  startFromEpoch?: number | undefined;
}

const names = [
  'monitor',
  'minDelta',
  'patience',
  'verbose',
  'mode',
  'baseline',
  'restoreBestWeights',
  'startFromEpoch',
] as const;

/**
 * Ends training when a log no longer gets better: after `patience` epochs that were not better than the best by more than
 * `minDelta`. A log that does not exist is warned of once.
 *
 * @throws FoveaError `BAD_ARGUMENT` where the log's name does not tell whether more is better, and no `mode` does
 * @see https://keras.io/api/callbacks/early_stopping/
 */
export class EarlyStopping extends MonitorCallback {
  readonly patience: number;
  readonly baseline: number | null;
  readonly restoreBestWeights: boolean;
  readonly startFromEpoch: number;
  /** The epoch of the best value, from 0. */
  bestEpoch = 0;
  /** The epoch in which training was ended, 0 if it was not. */
  stoppedEpoch = 0;
  /** Epochs since anything was better. */
  wait = 0;
  readonly #verbose: number;
  #bestWeights: Tensor[] | null = null;

  constructor(
    monitor?: string | EarlyStoppingOptions,
    minDelta?: number | EarlyStoppingOptions,
    patience?: number | EarlyStoppingOptions,
    options?: EarlyStoppingOptions,
  ) {
    const where = 'EarlyStopping';
    const read = readOptions<EarlyStoppingOptions>(where, names, [monitor, minDelta, patience, options]);
    super(where, read, 0);
    this.patience = numberWithin(where, 'patience', read.patience ?? 0, 0, Infinity);
    this.baseline = read.baseline ?? null;
    this.restoreBestWeights = flag(where, 'restoreBestWeights', read.restoreBestWeights ?? false);
    this.startFromEpoch = read.startFromEpoch ? positiveInteger(where, 'startFromEpoch', read.startFromEpoch) : 0;
    this.#verbose = read.verbose ?? 0;
  }

  override onTrainBegin(): void {
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.best = null;
    this.bestEpoch = 0;
    this.#bestWeights = null;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const value = this.watched(logs);
    if (value === undefined || epoch < this.startFromEpoch) return;
    if (this.restoreBestWeights && this.#bestWeights === null) this.#keep(epoch);
    this.wait++;
    if (this.better(value, this.best)) {
      this.best = value;
      this.#keep(epoch);
      if (this.baseline === null || this.better(value, this.baseline)) this.wait = 0;
    } else if (this.wait >= this.patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  override onTrainEnd(): void {
    if (this.stoppedEpoch > 0 && this.#verbose > 0) console.log(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    this.#restore();
  }

  override onTrainError(): void {
    this.#restore();
  }

  #keep(epoch: number): void {
    this.bestEpoch = epoch;
    if (this.restoreBestWeights) this.#bestWeights = this.model.getWeights();
  }

  #restore(): void {
    if (this.#bestWeights === null) return;
    if (this.#verbose > 0)
      console.log(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    this.model.setWeights(this.#bestWeights);
    this.#bestWeights = null;
  }
}
