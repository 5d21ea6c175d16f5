import { Callback } from './callback.ts';
import type { Columns, Logs, LogValue } from './logs.ts';

/** Keeps what each epoch logged; `fit` resolves to it, and `model.history` is it. */
export class History extends Callback {
  /** The epochs, counted from 0. */
  epoch: number[] = [];
  /** What they logged. */
  history = {} as Columns;

  override onTrainBegin(): void {
    this.epoch = [];
    this.history = {} as Columns;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      const column: LogValue[] = this.history[name] ?? [];
      this.history[name] = column;
      if (value !== undefined) column.push(value);
    }
  }
}
