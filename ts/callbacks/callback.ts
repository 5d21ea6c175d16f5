import type { Trainer } from '../training/trainer.ts';
import type { Logs } from './logs.ts';

export type { Logs };

/** What is being run. */
export interface Params {
  /** What is shown: 0 nothing, 1 a bar, 2 lines. */
  verbose: 0 | 1 | 2;
  /** The number of epochs; 1 outside `fit`. */
  epochs: number;
  /** Batches in an epoch, `null` if nobody knows. */
  steps: number | null;
}

type Maybe = void | Promise<void>;

/** Called at the points of training, evaluation and prediction; promises are awaited, a throw ends the run. */
export interface Hooks {
  /** `fit` begins. */
  onTrainBegin?(logs: Logs): Maybe;
  /** `fit` is about to resolve; the logs of the last epoch. */
  onTrainEnd?(logs: Logs): Maybe;
  /** `fit` is about to reject; Keras has no such hook. */
  onTrainError?(error: unknown): Maybe;
  /** An epoch begins, counted from 0. */
  onEpochBegin?(epoch: number, logs: Logs): Maybe;
  /** An epoch is over, its validation too: `loss`, the metrics, and with validation `valLoss`, …. */
  onEpochEnd?(epoch: number, logs: Logs): Maybe;
  /** The same as `onTrainBatchBegin`. */
  onBatchBegin?(batch: number, logs: Logs): Maybe;
  /** The same as `onTrainBatchEnd`. */
  onBatchEnd?(batch: number, logs: Logs): Maybe;
  /** A step of training begins, counted from 0 in each epoch. Having it costs time in each step. */
  onTrainBatchBegin?(batch: number, logs: Logs): Maybe;
  /** A step of training is done; the logs are means over the epoch so far. Having it costs time in each step. */
  onTrainBatchEnd?(batch: number, logs: Logs): Maybe;
  /** `evaluate`, or the validation of an epoch, begins. */
  onTestBegin?(logs: Logs): Maybe;
  /** It is done; `loss` and the metrics. */
  onTestEnd?(logs: Logs): Maybe;
  /** A batch of evaluation begins, counted from 0. */
  onTestBatchBegin?(batch: number, logs: Logs): Maybe;
  /** A batch of evaluation is done; means so far. */
  onTestBatchEnd?(batch: number, logs: Logs): Maybe;
  /** `predict` begins. */
  onPredictBegin?(logs: Logs): Maybe;
  /** `predict` is about to resolve. */
  onPredictEnd?(logs: Logs): Maybe;
  /** A batch of prediction begins, counted from 0. */
  onPredictBatchBegin?(batch: number, logs: Logs): Maybe;
  /** A batch of prediction is done. */
  onPredictBatchEnd?(batch: number, logs: Logs): Maybe;
}

/** The names of the hooks. */
export type HookName = keyof Hooks;

/** Every hook, for checks. */
export const hookNames: readonly HookName[] = [
  'onTrainBegin',
  'onTrainEnd',
  'onTrainError',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchBegin',
  'onBatchEnd',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTestBegin',
  'onTestEnd',
  'onTestBatchBegin',
  'onTestBatchEnd',
  'onPredictBegin',
  'onPredictEnd',
  'onPredictBatchBegin',
  'onPredictBatchEnd',
];

/**
 * Takes part in training. A subclass has the hooks it needs; a plain object with hooks does as well.
 *
 * @see https://keras.io/api/callbacks/base_callback/
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a subclass has those hooks that it declares
export abstract class Callback {
  /** The model that runs. */
  declare model: Trainer;
  /** How it runs. */
  declare params: Params;
}

export interface Callback extends Hooks {}

/** A callback: an instance of a class, or an object with hooks, in which `this.model` is the model. */
export type CallbackLike = Callback | (Hooks & ThisType<Hooks & { model: Trainer; params: Params }>);
