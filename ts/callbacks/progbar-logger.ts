import { Callback, type Logs } from './callback.ts';
import type { LogValue } from './logs.ts';
import { Progbar } from './progbar.ts';

const entries = (logs: Logs): [string, LogValue][] =>
  Object.entries(logs).filter((entry): entry is [string, LogValue] => entry[1] !== undefined);

/**
 * Draws the progress bar of `fit`, `evaluate` and `predict`, which have one themselves unless `verbose` is 0.
 *
 * @see https://keras.io/api/callbacks/progbar_logger/
 */
export class ProgbarLogger extends Callback {
  readonly #patience: number;
  #bar: Progbar | null = null;
  #inFit = false;
  #since = 0;
  #steps = 0;
  #drawn = false;

  /** @param patience seconds before anything is drawn: what is done sooner needs no bar */
  constructor(patience = 0) {
    super();
    this.#patience = patience;
  }

  override onTrainBegin(): void {
    this.#inFit = true;
  }

  override onTrainEnd(): void {
    this.#inFit = false;
  }

  override onEpochBegin(epoch: number): void {
    this.#begin();
    const { verbose, epochs } = this.params;
    if (verbose > 0 && epochs > 1) process.stdout.write(`Epoch ${epoch + 1}/${epochs}\n`);
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    this.#end(logs);
  }

  override onTestBegin(): void {
    if (!this.#inFit) this.#begin();
  }

  override onTestEnd(logs: Logs): void {
    if (!this.#inFit) this.#end(logs);
  }

  override onPredictBegin(): void {
    this.#begin();
  }

  override onPredictEnd(logs: Logs): void {
    this.#end(logs);
  }

  /** @internal So many steps are done. Comes from native code now and then, not after each step. */
  progress(steps: number, logs: Logs): void {
    this.#steps = steps;
    if (!this.#drawn && performance.now() - this.#since < this.#patience * 1000) return;
    this.#drawn = true;
    this.#bar?.update(steps, entries(logs), false);
  }

  #begin(): void {
    const { verbose, steps } = this.params;
    // Logs are running means already: nothing is averaged here.
    this.#bar = new Progbar({ target: steps, verbose, statelessMetrics: [] });
    this.#since = performance.now();
    this.#steps = 0;
    this.#drawn = this.#patience === 0;
  }

  #end(logs: Logs): void {
    const bar = this.#bar;
    if (bar === null || !this.#drawn) return;
    bar.target ??= this.#steps;
    bar.update(bar.target, entries(logs), true);
    this.#bar = null;
  }
}
