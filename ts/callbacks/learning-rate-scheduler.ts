import { badArgument, shown } from '../errors.ts';
import { readOptions } from '../options.ts';
import { Callback, type Logs } from './callback.ts';

/** The learning rate of an epoch, counted from 0, given the one so far. */
export type EpochSchedule = (epoch: number, learningRate: number) => number | Promise<number>;

/** Options of {@link LearningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  /** The learning rate of each epoch. */
  schedule?: EpochSchedule | undefined;
  /** Whether it says what it does: 1 it does, 0 (if left out) not. */
  verbose?: 0 | 1 | undefined;
}

/**
 * Sets the learning rate at the beginning of each epoch; the logs get a `learningRate`. For one that changes with each
 * step give the optimizer a class of `optimizers.schedules`.
 *
 * @throws FoveaError `BAD_ARGUMENT` unless the schedule is a function that gives finite numbers
 * @see https://keras.io/api/callbacks/learning_rate_scheduler/
 */
export class LearningRateScheduler extends Callback {
  readonly schedule: EpochSchedule;
  readonly verbose: 0 | 1;

  constructor(schedule: EpochSchedule | LearningRateSchedulerOptions, verbose?: 0 | 1 | LearningRateSchedulerOptions) {
    super();
    const where = 'LearningRateScheduler';
    const read = readOptions<LearningRateSchedulerOptions>(where, ['schedule', 'verbose'], [schedule, verbose]);
    if (typeof read.schedule !== 'function')
      throw badArgument(where, `schedule must be a function of the epoch; received ${shown(read.schedule)}.`);
    this.schedule = read.schedule;
    this.verbose = read.verbose ?? 0;
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    const { optimizer } = this.model;
    const rate: unknown = await this.schedule(epoch, await optimizer.learningRate.item());
    if (typeof rate !== 'number' || !Number.isFinite(rate))
      throw badArgument('LearningRateScheduler', `schedule must give a finite number; it gave ${shown(rate)}.`);
    optimizer.learningRate = rate;
    if (this.verbose > 0) console.log(`\nEpoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`);
  }

  override async onEpochEnd(_epoch: number, logs: Logs): Promise<void> {
    logs.learningRate = await this.model.optimizer.learningRate.item();
  }
}
