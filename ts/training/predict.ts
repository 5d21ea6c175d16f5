import type { Logs } from '../callbacks/callback.ts';
import { CallbackList } from '../callbacks/list.ts';
import { ProgbarLogger } from '../callbacks/progbar-logger.ts';
import { unknownOption } from '../options.ts';
import { isBatch, isBatches } from './batch.ts';
import { runEpoch } from './epoch.ts';
import { feedOf, optionalCount, type PredictOptions, predictOptions, signalOf, verbosity } from './options.ts';
import type { Trainer } from './trainer.ts';

const where = 'predict';

/** Seconds that a prediction takes before `'auto'` shows a bar. */
const patience = 1;

/** The outputs for samples: the work of `Trainer.predict`. */
export async function predict(model: Trainer, x: unknown, options: PredictOptions = {}): Promise<unknown> {
  unknownOption(where, options, predictOptions);
  const isData = isBatch(x) || isBatches(x) || typeof x === 'function';
  // Labels that come with the data would only be carried along.
  const onlyX = (batch: { x: unknown }) => ({ x: batch.x });
  const feed = feedOf(where, (isData ? x : { x }) as never, options.batchSize, onlyX);
  const steps = optionalCount(where, 'steps', options.steps);
  const signal = signalOf(where, options.signal);
  const auto = options.verbose === undefined || options.verbose === 'auto';
  const verbose = verbosity(where, options.verbose);
  const bar = verbose > 0 ? new ProgbarLogger(auto ? patience : 0) : undefined;
  const callbacks = new CallbackList(where, options.callbacks, bar === undefined ? [] : [bar]);
  callbacks.begin(model, { verbose, epochs: 1, steps: steps ?? feed.steps });
  try {
    await callbacks.call('onPredictBegin', {} as Logs);
    const { outputs } = await runEpoch(model, {
      where,
      kind: 'predict',
      feed,
      steps,
      signal,
      progress: bar && ((done, logs) => bar.progress(done, logs)),
      begin: callbacks.has('onPredictBatchBegin')
        ? (step) => callbacks.call('onPredictBatchBegin', step, {} as Logs)
        : undefined,
      end: callbacks.has('onPredictBatchEnd')
        ? (step) => callbacks.call('onPredictBatchEnd', step, {} as Logs)
        : undefined,
    });
    await callbacks.call('onPredictEnd', {} as Logs);
    return outputs;
  } finally {
    await feed.end();
  }
}
