import { flag } from '../errors.ts';
import { get as getOptimizer, type Optimizer, type OptimizerLike } from '../optimizers/index.ts';
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
}

/** The names of {@link CompileOptions}. */
export const compileOptions = ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics', 'runEagerly'] as const;

/** What `compile` made of its options. */
export class Compiled {
  readonly optimizer: Optimizer;
  readonly loss: CompiledLoss | null;
  readonly metrics: CompiledMetrics;
  readonly runEagerly: boolean;

  constructor({ optimizer, loss, lossWeights, metrics, weightedMetrics, runEagerly = false }: CompileOptions) {
    this.optimizer = getOptimizer(optimizer ?? 'rmsprop');
    this.loss = loss === undefined || loss === null ? null : new CompiledLoss(loss, lossWeights ?? null);
    this.metrics = new CompiledMetrics(metrics ?? [], weightedMetrics ?? []);
    this.runEagerly = flag('compile', 'runEagerly', runEagerly);
  }
}
