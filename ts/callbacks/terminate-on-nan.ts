import { flag } from '../errors.ts';
import { readOptions } from '../options.ts';
import { Callback } from './callback.ts';

/** Options of {@link TerminateOnNaN}. */
export interface TerminateOnNaNOptions {
  /** Lets `fit` reject with `NOT_FINITE` as it does without this callback; `false` if left out. */
  raiseError?: boolean | undefined;
}

/**
 * Ends training quietly when the loss is no number: `fit` resolves, the epoch's loss is NaN, and the weights are those
 * before the step. Without it `fit` rejects with `NOT_FINITE` and names the layer.
 *
 * @see https://keras.io/api/callbacks/terminate_on_nan/
 */
export class TerminateOnNaN extends Callback {
  readonly raiseError: boolean;

  constructor(raiseError?: boolean | TerminateOnNaNOptions) {
    super();
    const read = readOptions<TerminateOnNaNOptions>('TerminateOnNaN', ['raiseError'], [raiseError]);
    this.raiseError = flag('TerminateOnNaN', 'raiseError', read.raiseError ?? false);
  }

  /** @internal The loss of a step was no number. Costs nothing in all other steps, as a hook after each would. */
  terminate(batch: number): void {
    console.log(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}
