import { flag } from '../errors.ts';
import { readOptions } from '../options.ts';
import { Callback } from './callback.ts';

/** Options of {@link SwapEMAWeights}. */
export interface SwapEMAWeightsOptions {
  /** Swaps at the end of each epoch already, so that other callbacks see the averages; `false` if left out. */
  swapOnEpoch?: boolean | undefined;
}

/**
 * Puts the moving averages of the weights (an optimizer with `useEma: true`) into the model while it is evaluated or
 * predicts, and takes them out again afterwards.
 *
 * @throws FoveaError `BAD_ARGUMENT` if the optimizer keeps no averages
 * @see https://keras.io/api/callbacks/swap_ema_weights/
 */
export class SwapEMAWeights extends Callback {
  readonly swapOnEpoch: boolean;
  #inModel = false;

  constructor(swapOnEpoch?: boolean | SwapEMAWeightsOptions) {
    super();
    const read = readOptions<SwapEMAWeightsOptions>('SwapEMAWeights', ['swapOnEpoch'], [swapOnEpoch]);
    this.swapOnEpoch = flag('SwapEMAWeights', 'swapOnEpoch', read.swapOnEpoch ?? false);
  }

  #swap(averages: boolean): void {
    if (this.#inModel === averages) return;
    this.model.optimizer.swapAverages();
    this.#inModel = averages;
  }

  override onEpochBegin(): void {
    if (this.swapOnEpoch) this.#swap(false);
  }

  override onEpochEnd(epoch: number): void {
    if (!this.swapOnEpoch) return;
    this.#swap(true);
    // At the end of fit the weights take the averages once more, which lie in the weights by now.
    if (epoch === this.params.epochs - 1) this.model.optimizer.swapAverages(true);
  }

  override onTestBegin(): void {
    this.#swap(true);
  }

  override onTestEnd(): void {
    this.#swap(false);
  }

  override onPredictBegin(): void {
    this.#swap(true);
  }

  override onPredictEnd(): void {
    this.#swap(false);
  }
}
