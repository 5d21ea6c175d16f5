import type { Logs } from '../callbacks/callback.ts';
import { History } from '../callbacks/history.ts';
import { CallbackList } from '../callbacks/list.ts';
import { ProgbarLogger } from '../callbacks/progbar-logger.ts';
import { TerminateOnNaN } from '../callbacks/terminate-on-nan.ts';
import { badArgument, FoveaError, flag, whole } from '../errors.ts';
import { upperFirst } from '../layers/naming.ts';
import { numberWithin, positiveInteger, unknownOption } from '../options.ts';
import { nextKey } from '../random/seed.ts';
import { byClass } from './class-weight.ts';
import { type EpochOptions, runEpoch } from './epoch.ts';
import { evaluateFeed } from './evaluate.ts';
import type { Feed } from './feed.ts';
import { readLogs } from './logs.ts';
import {
  type FitOptions,
  feedOf,
  fitOptions,
  optionalCount,
  signalOf,
  splitArguments,
  usualBatchSize,
  verbosity,
} from './options.ts';
import { results } from './steps.ts';
import { TensorFeed } from './tensor-feed.ts';
import type { Trainer } from './trainer.ts';

const where = 'fit';

/** What a run of `fit` works with. */
interface Run {
  readonly train: Feed;
  readonly validation: Validation | null;
  readonly initialEpoch: number;
  readonly epochs: number;
  /** The steps that an epoch was asked to take; `null`: what the data has. */
  readonly steps: number | null;
  readonly shuffle: boolean;
  readonly signal: AbortSignal | undefined;
  readonly callbacks: CallbackList;
  readonly history: History;
  readonly bar: ProgbarLogger | undefined;
}

/** What is measured after which epochs. */
interface Validation {
  readonly feed: Feed;
  readonly steps: number | null;
  /** Whether it is due after an epoch, counted from 0. */
  readonly due: (epoch: number) => boolean;
}

/** Trains a model: the work of `Trainer.fit`. */
export async function fit(model: Trainer, first: unknown, second: unknown, third: unknown): Promise<History> {
  const { training } = model;
  training.require(where);
  training.checkIdle(where);
  training.checkTrainable();
  const run = prepare(model, first, second, third);
  training.enter(where);
  model.stopTraining = false;
  model.history = run.history;
  try {
    await run.callbacks.call('onTrainBegin', {} as Logs);
    let logs = {} as Logs;
    for (let epoch = run.initialEpoch; epoch < run.epochs && !model.stopTraining; epoch++)
      logs = await runOne(model, run, epoch);
    training.leave();
    if (run.epochs > run.initialEpoch) model.optimizer.finalizeVariableValues(model.trainableVariables);
    await run.callbacks.call('onTrainEnd', logs);
    return run.history;
  } catch (error) {
    training.leave();
    await run.callbacks.call('onTrainError', error);
    throw error;
  } finally {
    training.leave();
    await Promise.all([run.train.end(), run.validation?.feed.end()]);
  }
}

function prepare(model: Trainer, first: unknown, second: unknown, third: unknown): Run {
  const { data, options } = splitArguments<FitOptions>(where, first, second, third);
  unknownOption(where, options, fitOptions);
  const { train, held } = divide(data, options);
  const validation = held && {
    feed: held,
    steps: optionalCount(where, 'validationSteps', options.validationSteps),
    due: frequency(options.validationFreq),
  };
  const epochs = positiveInteger(where, 'epochs', options.epochs ?? 1);
  const initialEpoch = whole(where, 'initialEpoch', options.initialEpoch ?? 0, 0);
  const shuffle = flag(where, 'shuffle', options.shuffle ?? true);
  const signal = signalOf(where, options.signal);
  const verbose = verbosity(where, options.verbose);
  const history = new History();
  const given = new CallbackList(where, options.callbacks, []).callbacks;
  const own = given.find((callback) => callback instanceof ProgbarLogger);
  const bar = own ?? (verbose > 0 ? new ProgbarLogger() : undefined);
  const added = bar === undefined || bar === own ? [history] : [bar, history];
  const callbacks = new CallbackList(where, options.callbacks, added);
  const steps = optionalCount(where, 'stepsPerEpoch', options.stepsPerEpoch);
  callbacks.begin(model, { verbose, epochs, steps: steps ?? train.steps });
  return { train, validation, initialEpoch, epochs, steps, shuffle, signal, callbacks, history, bar };
}

/** What is trained on, and what is kept for validation. Classes have weights in training only. */
function divide(data: Parameters<typeof feedOf>[1], options: FitOptions): { train: Feed; held: Feed | null } {
  const { validationData, batchSize, sampleWeight } = options;
  const change = byClass(options.classWeight);
  const share = numberWithin(where, 'validationSplit', options.validationSplit ?? 0, 0, 1);
  const usual = optionalCount(where, 'batchSize', batchSize);
  const size = optionalCount(where, 'validationBatchSize', options.validationBatchSize) ?? usual;
  // As in Keras, validationData wins over validationSplit.
  const given = validationData !== undefined && validationData !== null;
  if (given || share === 0) {
    const train = feedOf(where, data, batchSize, change, sampleWeight);
    return { train, held: given ? feedOf('validationData', validationData, size) : null };
  }
  const all = feedOf(where, data, batchSize, undefined, sampleWeight);
  if (!(all instanceof TensorFeed))
    throw badArgument(where, 'validationSplit needs data in memory: pass validationData beside batches.');
  const [train, held] = all.split(share, size ?? usualBatchSize);
  return { train: train.changed(change), held };
}

/** After which epochs, counted from 0, there is a validation. */
function frequency(freq: number | readonly number[] = 1): (epoch: number) => boolean {
  if (typeof freq === 'object' && freq !== null) {
    const epochs = [...freq].map((epoch) => positiveInteger(where, 'validationFreq', epoch));
    return (epoch) => epochs.includes(epoch + 1);
  }
  const every = positiveInteger(where, 'validationFreq', freq);
  return (epoch) => (epoch + 1) % every === 0;
}

/** Runs an epoch of training; a loss that is no number only ends it where a callback asks for that. */
async function train(model: Trainer, callbacks: CallbackList, options: EpochOptions): Promise<Logs> {
  const quiet = callbacks.callbacks.find((callback) => callback instanceof TerminateOnNaN);
  if (quiet === undefined || quiet.raiseError) return (await runEpoch(model, options)).logs;
  const updates = () => model.optimizer.variables[0]!.value.item();
  const before = await updates();
  try {
    return (await runEpoch(model, options)).logs;
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== 'NOT_FINITE') throw error;
    quiet.terminate((await updates()) - before);
    return { ...(await readLogs(Object.entries(results(model.metricsByName)))), loss: Number.NaN };
  }
}

async function runOne(model: Trainer, run: Run, epoch: number): Promise<Logs> {
  const { callbacks, validation, signal } = run;
  model.resetMetrics();
  await callbacks.call('onEpochBegin', epoch, {} as Logs);
  const trained = await train(model, callbacks, {
    where,
    kind: 'train',
    feed: run.train,
    shuffle: run.shuffle ? nextKey() : undefined,
    steps: run.steps,
    goesOn: true,
    signal,
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
  const logs = { ...trained };
  if (validation?.due(epoch) && Number.isNaN(trained.loss)) {
    // Training broke off: on such weights there is nothing to measure.
    for (const name of Object.keys(trained)) logs[`val${upperFirst(name)}`] = Number.NaN;
  } else if (validation?.due(epoch)) {
    const { feed, steps } = validation;
    const measured = await evaluateFeed(model, feed, { where, callbacks, signal, steps });
    for (const [name, value] of Object.entries(measured)) logs[`val${upperFirst(name)}`] = value;
  }
  const sorted = Object.fromEntries(Object.entries(logs).sort(([a], [b]) => (a < b ? -1 : 1))) as Logs;
  await callbacks.call('onEpochEnd', epoch, sorted);
  return sorted;
}
