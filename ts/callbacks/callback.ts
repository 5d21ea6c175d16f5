import type { Trainer } from '../training/trainer.ts';

/** The numbers of an epoch or a batch, by name. */
export type Logs = Record<'loss' | 'accuracy' | 'acc' | 'valLoss' | 'valAccuracy' | 'valAcc', number> & {
  [name: string]: number | undefined;
};

/** What is being run. */
export interface Params {
  verbose: 0 | 1 | 2;
  epochs: number;
  /** `null` if nobody knows. */
  steps: number | null;
}

type Maybe = void | Promise<void>;

/** Called at the points of training, evaluation and prediction; promises are awaited, a throw ends the run. */
export interface Hooks {
  onTrainBegin?(logs: Logs): Maybe;
  onTrainEnd?(logs: Logs): Maybe;
  /** `fit` is about to reject; Keras has no such hook. */
  onTrainError?(error: unknown): Maybe;
  onEpochBegin?(epoch: number, logs: Logs): Maybe;
  onEpochEnd?(epoch: number, logs: Logs): Maybe;
  onBatchBegin?(batch: number, logs: Logs): Maybe;
  onBatchEnd?(batch: number, logs: Logs): Maybe;
  onTrainBatchBegin?(batch: number, logs: Logs): Maybe;
  onTrainBatchEnd?(batch: number, logs: Logs): Maybe;
  onTestBegin?(logs: Logs): Maybe;
  onTestEnd?(logs: Logs): Maybe;
  onTestBatchBegin?(batch: number, logs: Logs): Maybe;
  onTestBatchEnd?(batch: number, logs: Logs): Maybe;
  onPredictBegin?(logs: Logs): Maybe;
  onPredictEnd?(logs: Logs): Maybe;
  onPredictBatchBegin?(batch: number, logs: Logs): Maybe;
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

/** Takes part in training. A subclass has the hooks it needs; a plain object with hooks does as well. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a subclass has those hooks that it declares
export abstract class Callback {
  /** The model that runs. */
  declare model: Trainer;
  declare params: Params;
}

export interface Callback extends Hooks {}

/** A callback: an instance of a class, or an object with hooks, in which `this.model` is the model. */
export type CallbackLike = Callback | (Hooks & ThisType<Hooks & { model: Trainer; params: Params }>);
