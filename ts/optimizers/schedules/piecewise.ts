import { badArgument, finite, shown } from '../../errors.ts';
import { greater, where } from '../../ops/index.ts';
import { readOptions } from '../../options.ts';
import { isFloat } from '../../tensor/types.ts';
import { full, type Tensor } from '../../tensor.ts';
import { LearningRateSchedule, nameOf, type ScheduleOptions } from './schedule.ts';

/** Options of {@link PiecewiseConstantDecay}; the first two are needed. */
export interface PiecewiseConstantDecayOptions extends ScheduleOptions {
  /** Steps that rise: up to each of them, it included, a value holds. */
  boundaries?: readonly number[] | undefined;
  /** The values: one more than there are boundaries. */
  values?: readonly number[] | undefined;
}

const names = ['boundaries', 'values', 'name'] as const;

/**
 * The rate is constant between boundaries: `values[0]` up to step `boundaries[0]`, it included, then `values[1]`, …
 *
 * @throws FoveaError `BAD_ARGUMENT` unless there is one value more than there are boundaries
 * @see https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/
 */
export class PiecewiseConstantDecay extends LearningRateSchedule {
  static readonly className: string = 'PiecewiseConstantDecay';
  readonly boundaries: readonly number[];
  readonly values: readonly number[];
  override readonly name: string;

  constructor(
    boundaries: readonly number[] | PiecewiseConstantDecayOptions,
    values?: readonly number[] | PiecewiseConstantDecayOptions,
    options?: PiecewiseConstantDecayOptions,
  ) {
    super();
    const read = readOptions<PiecewiseConstantDecayOptions>('PiecewiseConstantDecay', names, [
      boundaries,
      values,
      options,
    ]);
    this.boundaries = numbers('boundaries', read.boundaries);
    this.values = numbers('values', read.values);
    this.name = nameOf('PiecewiseConstantDecay', read.name, 'PiecewiseConstant');
    if (this.values.length !== this.boundaries.length + 1)
      throw badArgument(
        'PiecewiseConstantDecay',
        `values must be one more than boundaries; received ${this.values.length} for ${this.boundaries.length}.`,
      );
  }

  override call(step: Tensor): Tensor {
    const whole = !isFloat(step.dtype);
    // As in Keras, a boundary is cut to a whole number where the step is one.
    const limits = this.boundaries.map((boundary) => (whole ? Math.trunc(boundary) : boundary));
    return limits.reduce<Tensor>(
      (rate, limit, i) => where(greater(step, limit), this.values[i + 1]!, rate),
      full([], this.values[0]!),
    );
  }

  override getConfig(): object {
    const { boundaries, values, name } = this;
    return { boundaries, values, name };
  }
}

function numbers(field: string, list: unknown): readonly number[] {
  if (!Array.isArray(list) || list.length === 0)
    throw badArgument('PiecewiseConstantDecay', `${field} must be an array of numbers; received ${shown(list)}.`);
  return list.map((value) => finite('PiecewiseConstantDecay', field, value));
}
