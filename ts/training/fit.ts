import type { Logs } from '../callbacks/callback.ts';
import { History } from '../callbacks/history.ts';
import { CallbackList } from '../callbacks/list.ts';
import { ProgbarLogger } from '../callbacks/progbar-logger.ts';
import { badArgument, shown, unknownOption, whole } from '../errors.ts';
import { numberWithin, positiveInteger } from '../options.ts';
import { nextKey } from '../random/seed.ts';
import { byClass } from './class-weight.ts';
import { runEpoch } from './epoch.ts';
import { evaluateFeed } from './evaluate.ts';
import type { Feed } from './feed.ts';
import { upperFirst } from './named.ts';
import { type FitOptions, feedOf, fitOptions, optionalCount, splitArguments, verbosity } from './options.ts';
import { TensorFeed } from './tensor-feed.ts';
import type { Trainer } from './trainer.ts';

const where = 'fit';

/** What a run of `fit` works with. */
interface Run {
  readonly train: Feed;
  readonly validation: Feed | null;
  readonly options: FitOptions;
  readonly epochs: number;
  readonly steps: number | null;
  readonly shuffle: boolean;
  readonly callbacks: CallbackList;
  readonly history: History;
  readonly bar: ProgbarLogger | undefined;
}

/** Trains a model: the work of `Trainer.fit`. */
export async function fit(model: Trainer, first: unknown, second: unknown, third: unknown): Promise<History> {
  const { training } = model;
  training.require(where);
  const run = prepare(model, first, second, third);
  training.enter(where);
  model.stopTraining = false;
  model.history = run.history;
  try {
    await run.callbacks.call('onTrainBegin', {} as Logs);
    let logs = {} as Logs;
    for (let epoch = run.options.initialEpoch ?? 0; epoch < run.epochs && !model.stopTraining; epoch++)
      logs = await runOne(model, run, epoch);
    training.leave();
    await run.callbacks.call('onTrainEnd', logs);
    return run.history;
  } catch (error) {
    training.leave();
    await run.callbacks.call('onTrainError', error);
    throw error;
  } finally {
    training.leave();
    await Promise.all([run.train.end(), run.validation?.end()]);
  }
}

function prepare(model: Trainer, first: unknown, second: unknown, third: unknown): Run {
  const { data, options } = splitArguments<FitOptions>(where, first, second, third);
  unknownOption(where, options, fitOptions);
  const change = byClass(options.classWeight);
  const all = feedOf(where, data, options.batchSize, change, options.sampleWeight);
  const { train, validation } = divide(all, options);
  const epochs = options.epochs === undefined ? 1 : positiveInteger(where, 'epochs', options.epochs);
  if (options.initialEpoch !== undefined) whole(where, 'initialEpoch', options.initialEpoch, 0);
  if (options.shuffle !== undefined && typeof options.shuffle !== 'boolean')
    throw badArgument(where, `shuffle must be true or false; received ${shown(options.shuffle)}.`);
  const verbose = verbosity(where, options.verbose);
  const history = new History();
  const given = new CallbackList(where, options.callbacks, []).callbacks;
  const own = given.find((callback) => callback instanceof ProgbarLogger);
  const bar = own ?? (verbose > 0 ? new ProgbarLogger() : undefined);
  const added = bar === undefined || bar === own ? [history] : [bar, history];
  const callbacks = new CallbackList(where, options.callbacks, added);
  const steps = optionalCount(where, 'stepsPerEpoch', options.stepsPerEpoch) ?? train.steps;
  callbacks.begin(model, { verbose, epochs, steps });
  return { train, validation, options, epochs, steps, shuffle: options.shuffle ?? true, callbacks, history, bar };
}

/** What is trained on, and what is kept for validation. */
function divide(all: Feed, options: FitOptions): { train: Feed; validation: Feed | null } {
  const { validationSplit, validationData, validationBatchSize, batchSize } = options;
  const size = validationBatchSize ?? batchSize;
  if (validationData !== undefined) {
    if (validationSplit) throw badArgument(where, 'takes validationData or validationSplit, not both.');
    return { train: all, validation: feedOf('validationData', validationData, size) };
  }
  if (!validationSplit) return { train: all, validation: null };
  numberWithin(where, 'validationSplit', validationSplit, 0, 1);
  if (!(all instanceof TensorFeed))
    throw badArgument(where, 'validationSplit needs data in memory: pass validationData beside batches.');
  const [train, validation] = all.split(validationSplit, optionalCount(where, 'validationBatchSize', size) ?? 32);
  return { train, validation };
}

/** Whether there is a validation after an epoch, counted from 0. */
function due(freq: FitOptions['validationFreq'], epoch: number): boolean {
  if (Array.isArray(freq)) return freq.includes(epoch + 1);
  return (epoch + 1) % positiveInteger(where, 'validationFreq', freq ?? 1) === 0;
}

async function runOne(model: Trainer, run: Run, epoch: number): Promise<Logs> {
  const { callbacks, options, validation } = run;
  model.resetMetrics();
  await callbacks.call('onEpochBegin', epoch, {} as Logs);
  const outcome = await runEpoch(model, {
    where,
    kind: 'train',
    feed: run.train,
    shuffle: run.shuffle ? nextKey() : undefined,
    steps: optionalCount(where, 'stepsPerEpoch', options.stepsPerEpoch),
    signal: options.signal,
    progress: run.bar && ((steps, logs) => run.bar!.progress(steps, logs)),
    begin: callbacks.has('onTrainBatchBegin', 'onBatchBegin')
      ? async (step) => {
          await callbacks.call('onBatchBegin', step, {} as Logs);
          await callbacks.call('onTrainBatchBegin', step, {} as Logs);
        }
      : undefined,
    end: callbacks.has('onTrainBatchEnd', 'onBatchEnd')
      ? async (step, logs) => {
          await callbacks.call('onBatchEnd', step, logs);
          await callbacks.call('onTrainBatchEnd', step, logs);
        }
      : undefined,
  });
  const logs = { ...outcome.logs };
  if (validation !== null && due(options.validationFreq, epoch)) {
    const { signal, validationSteps } = options;
    const steps = optionalCount(where, 'validationSteps', validationSteps);
    const measured = await evaluateFeed(model, validation, { where, callbacks, signal, steps });
    for (const [name, value] of Object.entries(measured)) logs[`val${upperFirst(name)}`] = value;
  }
  const sorted = Object.fromEntries(Object.entries(logs).sort(([a], [b]) => (a < b ? -1 : 1))) as Logs;
  await callbacks.call('onEpochEnd', epoch, sorted);
  return sorted;
}
