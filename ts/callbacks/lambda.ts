import { unknownOption } from '../options.ts';
import { Callback, type Hooks, hookNames } from './callback.ts';

/**
 * Hooks as a callback: `new LambdaCallback({ onEpochEnd: (epoch, logs) => … })`.
 *
 * @throws FoveaError `BAD_ARGUMENT` for a hook that there is not, naming the nearest
 * @see https://keras.io/api/callbacks/lambda_callback/
 */
export class LambdaCallback extends Callback {
  constructor(hooks: Hooks & ThisType<Callback> = {}) {
    super();
    unknownOption('LambdaCallback', hooks, hookNames);
    Object.assign(this, hooks);
  }
}
