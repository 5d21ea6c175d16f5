import { badArgument, finite, oneOf, shown } from '../errors.ts';
import { Callback, type Logs } from './callback.ts';

/** Which way a log gets better; `'auto'`: its name tells. */
export type Mode = 'auto' | 'min' | 'max';

/** What callbacks that watch a log are told of it. */
export interface MonitorOptions {
  /** The log that is watched, `'valLoss'` if left out. */
  monitor?: string | undefined;
  /** Whether less or more is better; by the log's name if left out. */
  mode?: Mode | undefined;
  /** What counts as better at least. */
  minDelta?: number | undefined;
}

const higher =
  /acc|auc|precision|recall|sensitivity|specificity|f1|fBeta|iou|score|similarity|correlation|true(Pos|Neg)/i;
const lower = /loss|error|entropy|mse|mae|mape|msle|rmse|divergence|poisson|hinge|logCosh|false(Pos|Neg)/i;

/** Whether more is better for a log, judged by its name. */
function rises(where: string, monitor: string): boolean {
  const name = monitor.replace(/^val(?=[A-Z])/, '');
  if (higher.test(name)) return true;
  if (lower.test(name)) return false;
  throw badArgument(where, `cannot tell whether '${monitor}' should fall or rise: give mode 'min' or 'max'.`);
}

/** A callback that watches one log. */
export abstract class MonitorCallback extends Callback {
  /** The log that is watched. */
  readonly monitor: string;
  /** What counts as better at least. */
  readonly minDelta: number;
  /** The best value so far. */
  best: number | null = null;
  readonly #where: string;
  readonly #rises: boolean;
  #warned = false;

  /**
   * @param where the class, for messages
   * @param minDelta what `minDelta` is if left out
   */
  constructor(where: string, options: MonitorOptions, minDelta: number) {
    super();
    this.#where = where;
    this.monitor = options.monitor ?? 'valLoss';
    this.minDelta = Math.abs(finite(where, 'minDelta', options.minDelta ?? minDelta));
    const mode = oneOf(where, 'mode', options.mode ?? 'auto', ['auto', 'min', 'max']);
    this.#rises = mode === 'auto' ? rises(where, this.monitor) : mode === 'max';
  }

  /** Whether a value is better than another by more than `minDelta`; better than none is anything. */
  protected better(value: number, than: number | null): boolean {
    if (than === null) return true;
    return this.#rises ? value - this.minDelta > than : value + this.minDelta < than;
  }

  /** The value of the log. If there is none, that is warned of once; one of several numbers is an error. */
  protected watched(logs: Logs): number | undefined {
    const value = logs[this.monitor];
    if (value === undefined && !this.#warned) {
      this.#warned = true;
      const known = Object.keys(logs).join(', ');
      console.warn(`${this.#where} watches '${this.monitor}', which is not logged. There are: ${known}.`);
    }
    if (typeof value === 'object')
      throw badArgument(
        this.#where,
        `monitor '${this.monitor}' must be a log of one number; received ${shown(value)}. Watch an average instead.`,
      );
    return value;
  }
}
