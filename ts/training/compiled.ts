import { flag } from '../errors.ts';
import { Mean } from '../metrics/index.ts';
import { get as getOptimizer, type Optimizer, type OptimizerLike } from '../optimizers/index.ts';
import { positiveInteger } from '../options.ts';
import { type DeviceName, deviceName } from '../tensor/device.ts';
import { CompiledLoss, type LossWeights, type ModelLoss } from './compiled-loss.ts';
import { CompiledMetrics, type ModelMetrics } from './compiled-metrics.ts';

/** Options of `compile`. */
export interface CompileOptions {
  /** `'rmsprop'` if left out. */
  optimizer?: OptimizerLike | undefined;
  /** Needed unless the model has a `trainStep` of its own. */
  loss?: ModelLoss | null | undefined;
  /** How much the loss of each output counts, 1 if left out. */
  lossWeights?: LossWeights | null | undefined;
  /** What is measured besides the loss: names, functions or instances, for several outputs by their names. */
  metrics?: ModelMetrics | null | undefined;
  /** Metrics in which sample weights count. */
  weightedMetrics?: ModelMetrics | null | undefined;
  /** Runs `call`, losses, metrics and `trainStep` for each batch instead of compiling them once; `false` if left out. */
  runEagerly?: boolean | undefined;
  /**
   * How many steps are run between two calls of the hooks of batches, 1 if left out. The first step of an execution is
   * what `onTrainBatchBegin` and its like are told, the last one and the logs after it what `onTrainBatchEnd` is told.
   * It changes no number: an epoch takes the same steps, and its last execution may be shorter.
   */
  stepsPerExecution?: number | undefined;
  /** Where steps run; if left out, on the device of the moment: see `setDevice`. */
  device?: DeviceName | null | undefined;
}

/** The names of {@link CompileOptions}. */
export const compileOptions = [
  'optimizer',
  'loss',
  'lossWeights',
  'metrics',
  'weightedMetrics',
  'runEagerly',
  'stepsPerExecution',
  'device',
] as const;

/** What `compile` made of its options. */
export class Compiled {
  readonly optimizer: Optimizer;
  readonly loss: CompiledLoss | null;
  #total: Mean | null = null;
  readonly metrics: CompiledMetrics;
  readonly runEagerly: boolean;
  readonly stepsPerExecution: number;
  /** `null`: whichever is current. */
  readonly device: DeviceName | null;

  constructor(options: CompileOptions) {
    const { optimizer, loss, lossWeights, metrics, weightedMetrics, device = null } = options;
    const { runEagerly = false, stepsPerExecution = 1 } = options;
    this.optimizer = getOptimizer(optimizer ?? 'rmsprop');
    this.loss = loss === undefined || loss === null ? null : new CompiledLoss(loss, lossWeights ?? null);
    this.metrics = new CompiledMetrics(metrics ?? [], weightedMetrics ?? []);
    this.runEagerly = flag('compile', 'runEagerly', runEagerly);
    this.stepsPerExecution = positiveInteger('compile', 'stepsPerExecution', stepsPerExecution);
    this.device = device === null ? null : deviceName('compile', 'device', device);
    if (this.loss !== null) this.total();
  }

  /** The mean of the loss so far, penalties included. Without a loss there is one from the first penalty on. */
  total(): Mean {
    this.#total ??= new Mean('loss');
    return this.#total;
  }

  /** The metrics that keep losses, by the names of their logs. */
  get trackers(): Map<string, Mean> {
    return new Map([...(this.#total === null ? [] : [['loss', this.#total] as const]), ...(this.loss?.trackers ?? [])]);
  }
}
