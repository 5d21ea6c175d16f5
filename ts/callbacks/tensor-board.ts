import { join } from 'node:path';
import { badArgument, FoveaError, flag, shown } from '../errors.ts';
import { lowerFirst } from '../layers/naming.ts';
import { readOptions } from '../options.ts';
import { Callback, type Logs } from './callback.ts';
import type { EventFile } from './event-file.ts';
import type { LogValue } from './logs.ts';

/** Options of {@link TensorBoard}. */
export interface TensorBoardOptions {
  /** The folder, `'logs'` if left out. */
  logDir?: string | undefined;
  /** Writes how many steps a second there were; `false` if left out. */
  writeStepsPerSecond?: boolean | undefined;
  /** `'epoch'` (if left out), `'batch'`, or after how many steps the logs of steps are written too. */
  updateFreq?: 'epoch' | 'batch' | number | undefined;
}

const names = ['logDir', 'writeStepsPerSecond', 'updateFreq'] as const;

type Scalar = readonly [tag: string, value: number];

/**
 * Writes what each epoch logged, and the learning rate, for TensorBoard: scalars `epoch_loss`, … in `logDir/train`, those
 * of validation in `logDir/validation`. Graphs, histograms, images, embeddings and profiles are not written.
 *
 * @throws FoveaError `IO` if the folder cannot be written
 * @see https://keras.io/api/callbacks/tensorboard/
 */
export class TensorBoard extends Callback {
  readonly logDir: string;
  readonly writeStepsPerSecond: boolean;
  readonly updateFreq: 'epoch' | number;
  readonly #files = new Map<string, EventFile>();
  #steps = 0;
  #before = 0;
  #since = 0;

  constructor(logDir?: string | TensorBoardOptions, options?: TensorBoardOptions) {
    super();
    const read = readOptions<TensorBoardOptions>('TensorBoard', names, [logDir, options]);
    this.logDir = read.logDir ?? 'logs';
    this.writeStepsPerSecond = flag('TensorBoard', 'writeStepsPerSecond', read.writeStepsPerSecond ?? false);
    const freq = read.updateFreq === 'batch' ? 1 : (read.updateFreq ?? 'epoch');
    if (freq !== 'epoch' && !(Number.isInteger(freq) && freq > 0))
      throw badArgument(
        'TensorBoard',
        `updateFreq must be 'epoch', 'batch' or a number of steps; received ${shown(freq)}.`,
      );
    this.updateFreq = freq;
    // A hook after each step costs time: it is there only where somebody wants it.
    if (freq !== 'epoch') this.onTrainBatchEnd = (_batch, logs) => this.#afterStep(freq, logs);
  }

  override onTrainBegin(): void {
    this.#steps = 0;
    this.#before = 0;
  }

  override onEpochBegin(): void {
    this.#since = performance.now();
  }

  async #afterStep(freq: number, logs: Logs): Promise<void> {
    this.#steps++;
    if (this.#steps % freq !== 0) return;
    await this.#write('train', this.#steps, tagged('batch', Object.entries(logs)));
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { optimizer } = this.model;
    const entries = Object.entries(logs);
    const validation = entries.filter(([name]) => /^val[A-Z]/.test(name));
    const train = entries.filter(([name]) => !/^val[A-Z]/.test(name) && name !== 'learningRate');
    train.push(['learningRate', await optimizer.learningRate.item()]);
    if (this.writeStepsPerSecond) train.push(['stepsPerSecond', await this.#speed()]);
    await this.#write('train', epoch, tagged('epoch', train));
    const own = validation.map(([name, value]) => [lowerFirst(name.slice(3)), value] as const);
    await this.#write('validation', epoch, tagged('epoch', own));
  }

  async #speed(): Promise<number> {
    const done = await this.model.optimizer.iterations.item();
    const speed = (done - this.#before) / ((performance.now() - this.#since) / 1000);
    this.#before = done;
    return speed;
  }

  override async onTestEnd(logs: Logs): Promise<void> {
    const step = await this.model.optimizer.iterations.item();
    const scalars = tagged('evaluation', Object.entries(logs));
    await this.#write(
      'validation',
      step,
      scalars.map(([tag, value]) => [`${tag}_vs_iterations`, value]),
    );
    if (this.#since === 0) await this.#close();
  }

  override onTrainEnd(): Promise<void> {
    return this.#close();
  }

  override onTrainError(): Promise<void> {
    return this.#close();
  }

  async #write(folder: string, step: number, scalars: readonly Scalar[]): Promise<void> {
    if (scalars.length === 0) return;
    try {
      let file = this.#files.get(folder);
      if (file === undefined) {
        const { EventFile } = await import('./event-file.ts');
        file = await EventFile.create(join(this.logDir, folder));
        this.#files.set(folder, file);
      }
      await file.write(step, scalars);
    } catch (error) {
      const sentence = `TensorBoard: ${this.logDir} cannot be written: ${(error as Error).message}.`;
      throw new FoveaError('IO', sentence, 'TensorBoard', { cause: error });
    }
  }

  async #close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#since = 0;
    for (const file of files) await file.close();
  }
}

/** The logs of one number: there is no place for those of several among the scalars of a board. */
const tagged = (prefix: string, logs: readonly (readonly [string, LogValue | undefined])[]): Scalar[] =>
  logs.flatMap(([name, value]) => (typeof value === 'number' ? [[`${prefix}_${name}`, value] as const] : []));
