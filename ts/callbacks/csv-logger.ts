import { type FileHandle, open, readFile } from 'node:fs/promises';
import { badArgument, FoveaError, flag, shown } from '../errors.ts';
import { upperFirst } from '../layers/naming.ts';
import { readOptions } from '../options.ts';
import { Callback, type Logs } from './callback.ts';
import type { LogValue } from './logs.ts';

/** Options of {@link CSVLogger}. */
export interface CSVLoggerOptions {
  /** The file. */
  filename?: string | undefined;
  /** What stands between two columns, a comma if left out. */
  separator?: string | undefined;
  /** Goes on in a file that is there instead of beginning it anew; `false` if left out. */
  append?: boolean | undefined;
}

const names = ['filename', 'separator', 'append'] as const;

/** What a log holds as Python writes it. */
function written(value: LogValue): string {
  if (typeof value !== 'number') return `"[${value.map(inArray).join(', ')}]"`;
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}

/** A number of several as shortly as tells it from all other float32 ones, as NumPy writes it. */
function inArray(value: LogValue): string {
  if (typeof value !== 'number') return `[${value.map(inArray).join(', ')}]`;
  const short = (digits: number): string => {
    const text = value.toPrecision(digits);
    return digits >= 9 || Math.fround(Number(text)) === Math.fround(value) ? written(Number(text)) : short(digits + 1);
  };
  return short(1);
}

/**
 * Writes what each epoch logged into a CSV file, a line at a time: `epoch` (from 0), then the logs by name. Columns for
 * validation are there from the beginning; where a value is missing stands `NA`, where there are several `"[0.5, 0.25]"`.
 *
 * @throws FoveaError `IO` if the file cannot be written
 * @see https://keras.io/api/callbacks/csv_logger/
 */
export class CSVLogger extends Callback {
  readonly filename: string;
  readonly separator: string;
  readonly append: boolean;
  #file: FileHandle | null = null;
  #keys: string[] | null = null;
  #header = true;

  constructor(
    filename: string | CSVLoggerOptions,
    separator?: string | CSVLoggerOptions,
    append?: boolean | CSVLoggerOptions,
  ) {
    super();
    const read = readOptions<CSVLoggerOptions>('CSVLogger', names, [filename, separator, append]);
    const { separator: between = ',' } = read;
    if (typeof read.filename !== 'string' || read.filename === '')
      throw badArgument('CSVLogger', `filename must be the path of a file; received ${shown(read.filename)}.`);
    if (typeof between !== 'string' || between.length !== 1)
      throw badArgument('CSVLogger', `separator must be one letter; received ${shown(between)}.`);
    this.filename = read.filename;
    this.separator = between;
    this.append = flag('CSVLogger', 'append', read.append ?? false);
  }

  override async onTrainBegin(): Promise<void> {
    await this.#close();
    this.#keys = null;
    await this.#trying(async () => {
      if (this.append) this.#header = (await readFile(this.filename).catch(() => Buffer.of())).length === 0;
      this.#file = await open(this.filename, this.append ? 'a' : 'w');
    });
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const first = this.#keys === null;
    this.#keys ??= columns(logs);
    if (first && this.#header) await this.#write(['epoch', ...this.#keys]);
    const values = this.#keys.map((key) => (logs[key] === undefined ? 'NA' : written(logs[key])));
    await this.#write([String(epoch), ...values]);
  }

  override onTrainEnd(): Promise<void> {
    return this.#close();
  }

  override onTrainError(): Promise<void> {
    return this.#close();
  }

  #write(cells: readonly string[]): Promise<void> {
    const special = (cell: string) => cell.includes(this.separator) || /["\r\n]/.test(cell);
    const line = cells.map((cell) => (special(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(this.separator);
    return this.#trying(async () => {
      await this.#file?.write(`${line}\r\n`);
    });
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await this.#trying(async () => file?.close());
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { message } = error as Error;
      throw new FoveaError('IO', `CSVLogger: ${this.filename} cannot be written: ${message}.`, 'CSVLogger', {
        cause: error,
      });
    }
  }
}

/** The columns: the logs by name; those of a validation too, if it did not run yet. */
function columns(logs: Logs): string[] {
  const keys = Object.keys(logs).sort();
  const validated = keys.some((key) => /^val[A-Z]/.test(key));
  return validated ? keys : [...keys, ...keys.map((key) => `val${upperFirst(key)}`)];
}
