import { type LogValue, meanOf } from './logs.ts';

/** Options of {@link Progbar}. */
export interface ProgbarOptions {
  /** How many steps there will be; `null` if nobody knows. */
  target: number | null;
  /** How wide the bar is, 20 if left out. */
  width?: number | undefined;
  /** 0 nothing, 1 a bar, 2 one line at the end. */
  verbose?: 0 | 1 | 2 | undefined;
  /** Seconds between two drawings at least, 0.05 if left out. */
  interval?: number | undefined;
  /** Values that are shown as they are; all others are averaged. */
  statefulMetrics?: readonly string[] | undefined;
  /** Values that are averaged; all others are shown as they are. */
  statelessMetrics?: readonly string[] | undefined;
  /** What one of them is called, `'step'` if left out. */
  unitName?: string | undefined;
}

/** Where a bar is drawn, and by which clock. */
export interface Screen {
  /** Writes without ending the line. */
  write(text: string): void;
  /** Seconds. */
  now(): number;
  /** Whether one can go back over a line. */
  readonly interactive: boolean;
}

const terminal: Screen = {
  write: (text) => process.stdout.write(text),
  now: () => performance.now() / 1000,
  get interactive() {
    return process.stdout.isTTY === true;
  },
};

/** Whether a number lies exactly between two that have so few digits, of which the even one is to be taken. */
const tie = (digits: string, length: number): boolean => /^50*$/.test(digits.slice(length));

/** A number with fixed decimals, ties to even, as Python prints it. */
function fixed(x: number, decimals: number): string {
  const long = Math.abs(x).toFixed(Math.min(100, decimals + 40));
  const end = long.indexOf('.') + 1 + decimals;
  if (Math.abs(x) >= 1e21 || !tie(long, end)) return x.toFixed(decimals);
  const down = long.slice(0, decimals === 0 ? end - 1 : end);
  const even = Number(down.at(-1)) % 2 === 0;
  if (!even) return x.toFixed(decimals);
  return x < 0 ? `-${down}` : down;
}

/** A number in scientific notation as Python prints it: ties to even, an exponent of two digits. */
function scientific(x: number): string {
  if (!Number.isFinite(x)) return spelled(x);
  const [digits = '', exponent = '0'] = Math.abs(x).toExponential(40).split('e');
  const even = tie(digits, 6) && Number(digits[5]) % 2 === 0;
  const [mantissa = '', rounded = '0'] = even
    ? [digits.slice(0, 6), exponent]
    : Math.abs(x).toExponential(4).split('e');
  const power = Number(rounded);
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const spelled = (x: number): string => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf');

/** A value as the bar shows it. */
export function showValue(x: number, large: boolean = Math.abs(x) > 1e-3): string {
  if (!Number.isFinite(x)) return spelled(x);
  return large ? fixed(x, 4) : scientific(x);
}

/** A duration for one unit as the bar shows it: ` 45ms/step`. */
export function showDuration(seconds: number, unit: string): string {
  if (seconds >= 1 || seconds === 0) return ` ${fixed(seconds, 0)}s/${unit}`;
  if (seconds >= 1e-3) return ` ${fixed(seconds * 1e3, 0)}ms/${unit}`;
  return ` ${fixed(seconds * 1e6, 0)}us/${unit}`;
}

/** The time that is left, as hours, minutes and seconds. */
function showRest(seconds: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  if (seconds > 3600) return `${Math.floor(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  if (seconds > 60) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds)}s`;
}

/**
 * A progress bar, drawn letter by letter as Keras draws it.
 *
 * @see https://keras.io/api/utils/python_utils/
 */
export class Progbar {
  target: number | null;
  readonly width: number;
  readonly verbose: 0 | 1 | 2;
  readonly interval: number;
  readonly unitName: string;
  readonly #averaged: (name: string) => boolean;
  readonly #screen: Screen;
  readonly #interactive: boolean;
  readonly #start: number;
  readonly #sums = new Map<string, { sum: number; count: number }>();
  #seen = 0;
  #last = 0;
  #afterFirst: number | null = null;
  #width = 0;

  /** @param screen where it is drawn; the terminal if left out */
  constructor(options: ProgbarOptions, screen: Screen = terminal) {
    const { target, width = 20, verbose = 1, interval = 0.05, unitName = 'step' } = options;
    this.target = target;
    this.width = width;
    this.verbose = verbose;
    this.interval = interval;
    this.unitName = unitName;
    const { statefulMetrics, statelessMetrics } = options;
    this.#averaged = statelessMetrics
      ? (name) => statelessMetrics.includes(name)
      : (name) => !(statefulMetrics ?? []).includes(name);
    this.#screen = screen;
    this.#interactive = screen.interactive;
    this.#start = screen.now();
    this.#last = Number.NEGATIVE_INFINITY;
  }

  /**
   * Shows how far it is.
   *
   * @param current how many steps are done
   * @param values names and values of the last step, in the order in which they are shown; of several numbers their mean
   * @param finalize whether this is the last time; by default when the target is reached
   */
  update(current: number, values: readonly (readonly [string, LogValue])[] = [], finalize?: boolean | null): void {
    const last = finalize ?? (this.target !== null && current >= this.target);
    this.#take(current, values, last);
    const now = this.#screen.now();
    const perUnit = this.#duration(current, now);
    if (this.verbose === 1) {
      if (now - this.#last < this.interval && !last) return;
      this.#draw(current, now, perUnit, last);
    } else if (this.verbose === 2 && last && this.target) {
      const values = this.#values((x) => showValue(x, x > 1e-3));
      this.#screen.write(
        `${this.#count(current)} - ${fixed(now - this.#start, 0)}s -${showDuration(perUnit, this.unitName)}${values}\n`,
      );
    }
    this.#last = now;
  }

  /** Shows that so many more steps are done. */
  add(steps: number, values: readonly (readonly [string, LogValue])[] = []): void {
    this.update(this.#seen + steps, values);
  }

  #take(current: number, values: readonly (readonly [string, LogValue])[], last: boolean): void {
    for (const [name, given] of values) {
      const value = meanOf(given);
      const known = this.#sums.get(name);
      if (!this.#averaged(name) || last) this.#sums.set(name, { sum: value, count: 1 });
      else {
        const weight = Math.max(current - this.#seen, 1);
        this.#sums.set(name, {
          sum: (known?.sum ?? 0) + value * weight,
          count: (known?.count ?? 0) + weight,
        });
      }
    }
    this.#seen = current;
  }

  #count(current: number): string {
    const text = String(this.target);
    return `${String(current).padStart(text.length)}/${text}`;
  }

  #values(show: (x: number) => string): string {
    return [...this.#sums].map(([name, { sum, count }]) => ` - ${name}: ${show(sum / Math.max(1, count))}`).join('');
  }

  #draw(current: number, now: number, perUnit: number, last: boolean): void {
    const { target } = this;
    const back = this.#interactive ? `${'\b'.repeat(this.#width)}\r` : '\n';
    const done = target ? Math.trunc(this.width * (current / target)) : 0;
    const bar = target
      ? `\x1b[1m${this.#count(current)}\x1b[0m ${done > 0 ? `\x1b[32m${'━'.repeat(done)}\x1b[0m` : ''}` +
        `\x1b[37m${'━'.repeat(Math.max(0, this.width - done))}\x1b[0m`
      : `${String(current).padStart(7)}/Unknown`;
    const time = target && !last ? showRest(perUnit * (target - current)) : `${fixed(now - this.#start, 0)}s`;
    const info = ` \x1b[1m${time}\x1b[0m${showDuration(perUnit, this.unitName)}${this.#values(showValue)}`;
    // Keras counts colours so, and pads by that count.
    const colours = target ? 8 + (done > 0 ? 9 : 0) + 9 + 8 : 8;
    const width = bar.length + info.length - colours;
    const padding = ' '.repeat(Math.max(0, this.#width - width));
    this.#screen.write(`${back}${bar}${info}${padding}${last ? '\n' : ''}`);
    this.#width = width;
  }

  /** Seconds for a step; the first one, which seldom is like the others, does not count. */
  #duration(current: number, now: number): number {
    if (current === 0) return 0;
    const simple = this.#afterFirst === null || current <= 1;
    const result = simple ? (now - this.#start) / current : (now - this.#afterFirst!) / (current - 1);
    if (current === 1) this.#afterFirst = now;
    return result;
  }
}
