import type { Logs } from '../callbacks/callback.ts';
import { CallbackList } from '../callbacks/list.ts';
import { ProgbarLogger } from '../callbacks/progbar-logger.ts';
import { unknownOption } from '../options.ts';
import { runEpoch } from './epoch.ts';
import type { Feed } from './feed.ts';
import {
  type EvaluateOptions,
  evaluateOptions,
  feedOf,
  optionalCount,
  signalOf,
  splitArguments,
  verbosity,
} from './options.ts';
import type { Trainer } from './trainer.ts';

const name = 'evaluate';

/** How a feed is evaluated. */
interface Settings {
  readonly where: string;
  readonly callbacks: CallbackList;
  readonly signal?: AbortSignal | undefined;
  readonly steps: number | null;
  readonly progress?: ((steps: number, logs: Logs) => void) | undefined;
}

/** Measures a model: the work of `Trainer.evaluate`. */
export async function evaluate(model: Trainer, first: unknown, second: unknown, third: unknown): Promise<Logs> {
  model.training.require(name);
  const { data, options } = splitArguments<EvaluateOptions>(name, first, second, third);
  unknownOption(name, options, evaluateOptions);
  const feed = feedOf(name, data, options.batchSize, undefined, options.sampleWeight);
  const steps = optionalCount(name, 'steps', options.steps);
  const signal = signalOf(name, options.signal);
  const verbose = verbosity(name, options.verbose);
  const bar = verbose > 0 ? new ProgbarLogger() : undefined;
  const callbacks = new CallbackList(name, options.callbacks, bar === undefined ? [] : [bar]);
  callbacks.begin(model, { verbose, epochs: 1, steps: steps ?? feed.steps });
  const progress = bar && ((done: number, logs: Logs) => bar.progress(done, logs));
  try {
    const logs = await evaluateFeed(model, feed, { where: name, callbacks, signal, steps, progress });
    const { loss, ...rest } = logs;
    return (loss === undefined ? rest : { loss, ...rest }) as Logs;
  } finally {
    await feed.end();
  }
}

/** One pass over a feed, with metrics of its own: those of a training under way stay as they are. */
export async function evaluateFeed(model: Trainer, feed: Feed, settings: Settings): Promise<Logs> {
  const { where, callbacks, signal, steps, progress } = settings;
  const { training } = model;
  const evaluation = training.borrow();
  feed.restart();
  try {
    training.begin(evaluation, await feed.first());
    await callbacks.call('onTestBegin', {} as Logs);
    const { logs } = await runEpoch(model, {
      where,
      kind: 'test',
      feed,
      evaluation,
      steps,
      signal,
      progress,
      begin: callbacks.has('onTestBatchBegin')
        ? (step) => callbacks.call('onTestBatchBegin', step, {} as Logs)
        : undefined,
      end: callbacks.has('onTestBatchEnd') ? (step, batch) => callbacks.call('onTestBatchEnd', step, batch) : undefined,
    });
    await callbacks.call('onTestEnd', logs);
    return logs;
  } finally {
    training.release(evaluation);
  }
}
