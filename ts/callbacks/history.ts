import { Callback, type Logs } from './callback.ts';

/** The numbers of all epochs, by name. */
export type Columns = Record<'loss' | 'accuracy' | 'acc' | 'valLoss' | 'valAccuracy' | 'valAcc', number[]> & {
  [name: string]: number[] | undefined;
};

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
      const column = this.history[name] ?? [];
      this.history[name] = column;
      if (value !== undefined) column.push(value);
    }
  }
}
