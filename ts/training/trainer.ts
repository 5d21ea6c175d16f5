import type { Logs } from '../callbacks/callback.ts';
import type { History } from '../callbacks/history.ts';
import { Layer, type WeightValue } from '../layers/index.ts';
import { fieldsOf } from '../layers/tracking.ts';
import { Metric } from '../metrics/metric.ts';
import type { Optimizer } from '../optimizers/index.ts';
import { unknownOption } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import type { Batch, Batches, Data, DataLike } from './batch.ts';
import { Compiled, type CompileOptions, compileOptions } from './compiled.ts';
import { evaluate } from './evaluate.ts';
import { fit as train } from './fit.ts';
import { type BatchOptions, batchOf, onBatch } from './on-batch.ts';
import type { EvaluateOptions, FitOptions, PredictOptions } from './options.ts';
import { predict } from './predict.ts';
import { type Evaluation, TrainingState } from './state.ts';
import { computeLoss, computeMetrics, type Outcome, testStep, trainStep } from './steps.ts';

/**
 * A layer that can be trained: what every model is.
 *
 * @see https://keras.io/api/models/model_training_apis/
 */
export abstract class Trainer extends Layer {
  /** @internal */
  declare readonly training: TrainingState;
  /** What `fit` logged, also of a run that was aborted; `null` before the first. */
  declare history: History | null;
  #stopTraining = false;
  #onBatch: Evaluation | null = null;

  constructor(...args: ConstructorParameters<typeof Layer>) {
    super(...args);
    const hidden = { training: new TrainingState(this), history: null };
    for (const [name, value] of Object.entries(hidden))
      Object.defineProperty(this, name, { value, writable: true, configurable: true });
  }

  /** The names of the outputs; none where only a call shows them. */
  get outputNames(): string[] {
    return [];
  }

  /**
   * Says how the model is trained; steps are traced and compiled anew after it.
   *
   * @throws FoveaError `BAD_ARGUMENT` for an unknown option, loss, metric or optimizer, naming the nearest
   */
  compile(options: CompileOptions = {}): void {
    unknownOption('compile', options, compileOptions);
    this.training.checkIdle('compile');
    this.training.reset(new Compiled(options));
    this.#onBatch = null;
  }

  /** The optimizer that `compile` was given. Throws `NOT_COMPILED` before. */
  get optimizer(): Optimizer {
    return this.training.require('optimizer').optimizer;
  }

  /** Whether `compile` was called. */
  get compiled(): boolean {
    return this.training.compiled !== null;
  }

  /** Set it to end training after the current step; where hooks of batches are called, after the current execution. */
  get stopTraining(): boolean {
    return this.#stopTraining;
  }

  set stopTraining(value: boolean) {
    this.#stopTraining = value;
    if (value) this.training.stop?.();
  }

  /** The metrics: the loss, those of `compile` (after the first batch), and those in fields. */
  get metrics(): Metric[] {
    return [...this.metricsByName.values()];
  }

  /** @internal The metrics by the names of their logs. */
  get metricsByName(): Map<string, Metric> {
    const { compiled } = this.training;
    const own = fieldsOf(this).parts.filter((part): part is Metric => part instanceof Metric);
    return new Map<string, Metric>([
      ...(compiled?.trackers ?? []),
      ...(compiled?.metrics.metrics ?? []),
      ...own.map((metric) => [metric.key, metric] as const),
    ]);
  }

  /** Sets all metrics to their beginning. `fit` and `evaluate` do so themselves. */
  resetMetrics(): void {
    for (const metric of this.metrics) metric.resetState();
  }

  /**
   * Trains. `fit(data, options)` with a batch `{ x, y }`, an iterable of batches or a function that makes one
   * for each epoch; `fit(x, y, options)` with tensors, arrays of them or records by name. Resolves to what each epoch
   * logged. `call`, losses, metrics and `trainStep` run once for each shape of a batch and are compiled; the loop over
   * the batches runs natively, and JavaScript goes on meanwhile.
   *
   * @throws FoveaError `NOT_COMPILED`, `BUSY`, `BAD_ARGUMENT`, `SHAPE_MISMATCH`; `NOT_FINITE` if the data or the
   * loss is no number, naming the layer: the weights are those of the step before; `ABORTED`
   */
  fit(data: DataLike, options?: FitOptions): Promise<History>;
  fit(x: Data, y: Data | undefined, options?: FitOptions): Promise<History>;
  async fit(first: unknown, second?: unknown, third?: unknown): Promise<History> {
    return train(this, first, second, third);
  }

  /**
   * Measures loss and metrics, in inference mode: `{ loss, accuracy, … }`; arguments as those of `fit`. Works while the
   * model trains, on the weights of that moment.
   *
   * @throws FoveaError `NOT_COMPILED`, `BAD_ARGUMENT`, `SHAPE_MISMATCH`, `NOT_FINITE`, `ABORTED`
   */
  evaluate(data: DataLike, options?: EvaluateOptions): Promise<Logs>;
  evaluate(x: Data, y: Data | undefined, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(first: unknown, second?: unknown, third?: unknown): Promise<Logs> {
    return evaluate(this, first, second, third);
  }

  /**
   * The outputs for all samples, [n, ...] each, nested as the model's output is. Works while the model trains, on the
   * weights of that moment, and without `compile`.
   *
   * @throws FoveaError `BAD_ARGUMENT`, `SHAPE_MISMATCH`, `NOT_FINITE` (the data), `ABORTED`
   */
  async predict(x: Data | Batches | (() => Batches), options?: PredictOptions): Promise<ReturnType<this['call']>> {
    return (await predict(this, x, options)) as ReturnType<this['call']>;
  }

  /**
   * One step of training; the logs are those of this batch alone.
   *
   * @throws FoveaError `NOT_COMPILED`, `BUSY`, `BAD_ARGUMENT`, `SHAPE_MISMATCH`, `NOT_FINITE`
   */
  async trainOnBatch(x: Data, y?: Data, options?: BatchOptions): Promise<Logs> {
    this.training.require('trainOnBatch');
    const batch = batchOf('trainOnBatch', x, y, options);
    this.training.enter('trainOnBatch');
    try {
      this.resetMetrics();
      return await onBatch(this, 'trainOnBatch', 'train', batch);
    } finally {
      this.training.leave();
    }
  }

  /**
   * Loss and metrics of one batch.
   *
   * @throws FoveaError `NOT_COMPILED`, `BAD_ARGUMENT`, `SHAPE_MISMATCH`, `NOT_FINITE`
   */
  async testOnBatch(x: Data, y?: Data, options?: BatchOptions): Promise<Logs> {
    this.training.require('testOnBatch');
    const batch = batchOf('testOnBatch', x, y, options);
    this.#onBatch ??= this.training.borrow();
    this.training.begin(this.#onBatch, batch);
    return onBatch(this, 'testOnBatch', 'test', batch, this.#onBatch);
  }

  /** The outputs for one batch. */
  async predictOnBatch(x: Data): Promise<ReturnType<this['call']>> {
    return this.predict(x, { verbose: 0, batchSize: 2 ** 31 - 1 });
  }

  /**
   * What happens with a batch in training; gives the logs. A subclass may have its own. Runs once for each input shape
   * and is compiled.
   *
   * @example
   * ```ts
   * import { type Batch, gradients, Input, random, Sequential } from 'fovea';
   * import { Dense } from 'fovea/layers';
   *
   * class Careful extends Sequential {
   *   override trainStep({ x, y, sampleWeight }: Batch) {
   *     const yPred = this(x, { training: true });
   *     const loss = this.computeLoss({ x, y, yPred, sampleWeight });
   *     const v = this.trainableVariables;
   *     this.optimizer.apply(gradients(loss, v).map((g) => g.mul(0.5)), v);
   *     return this.computeMetrics({ x, y, yPred, sampleWeight });
   *   }
   * }
   * const model = new Careful([Input([3]), new Dense(1)]);
   * model.compile({ optimizer: 'sgd', loss: 'mse' });
   * const x = random.normal([64, 3], { seed: 1 });
   * const { history } = await model.fit(x, x.sum(-1, { keepdims: true }), { epochs: 3 });
   * console.log(history.loss);
   * ```
   */
  trainStep(batch: Batch): Record<string, Tensor> {
    return trainStep(this, batch);
  }

  /** What happens with a batch in evaluation; gives the logs. */
  testStep(batch: Batch): Record<string, Tensor> {
    return testStep(this, batch);
  }

  /** What happens with a batch in prediction; gives the outputs. */
  predictStep({ x }: Batch): unknown {
    return this(x, { training: false });
  }

  /** The loss of a batch, penalties of layers included. Takes it into the `loss` that is logged. */
  computeLoss(outcome: Outcome): Tensor {
    return computeLoss(this, outcome);
  }

  /** Takes a batch into the metrics and gives the logs. */
  computeMetrics(outcome: Outcome): Record<string, Tensor> {
    return computeMetrics(this, outcome);
  }

  override setWeights(values: readonly WeightValue[]): void {
    this.training.checkIdle('setWeights');
    super.setWeights(values);
  }
}
