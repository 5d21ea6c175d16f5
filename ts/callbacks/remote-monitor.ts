import { flag } from '../errors.ts';
import { readOptions } from '../options.ts';
import { Callback, type Logs } from './callback.ts';

/** Options of {@link RemoteMonitor}. */
export interface RemoteMonitorOptions {
  /** The server, `'http://localhost:9000'` if left out. */
  root?: string | undefined;
  /** The path on it, `'/publish/epoch/end/'` if left out. */
  path?: string | undefined;
  /** The field of the form that holds the logs as JSON, `'data'` if left out; of no use with `sendAsJson`. */
  field?: string | undefined;
  /** Headers of the request; none of one's own if left out. */
  headers?: Readonly<Record<string, string>> | null | undefined;
  /** Sends JSON instead of a form; `false` if left out. */
  sendAsJson?: boolean | undefined;
}

const names = ['root', 'path', 'field', 'headers', 'sendAsJson'] as const;

/**
 * Sends what each epoch logged, with its number `epoch` (from 0), to a server by POST. If that cannot be reached it
 * warns, and training goes on.
 *
 * @see https://keras.io/api/callbacks/remote_monitor/
 */
export class RemoteMonitor extends Callback {
  readonly root: string;
  readonly path: string;
  readonly field: string;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly sendAsJson: boolean;

  constructor(
    root?: string | RemoteMonitorOptions,
    path?: string | RemoteMonitorOptions,
    field?: string | RemoteMonitorOptions,
    options?: RemoteMonitorOptions,
  ) {
    super();
    const read = readOptions<RemoteMonitorOptions>('RemoteMonitor', names, [root, path, field, options]);
    this.root = read.root ?? 'http://localhost:9000';
    this.path = read.path ?? '/publish/epoch/end/';
    this.field = read.field ?? 'data';
    this.headers = read.headers ?? null;
    this.sendAsJson = flag('RemoteMonitor', 'sendAsJson', read.sendAsJson ?? false);
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const json = JSON.stringify({ epoch, ...logs });
    const body = this.sendAsJson ? json : new URLSearchParams({ [this.field]: json });
    const headers = { ...(this.sendAsJson ? { 'content-type': 'application/json' } : {}), ...this.headers };
    try {
      const response = await fetch(this.root + this.path, { method: 'POST', body, headers });
      await response.arrayBuffer();
    } catch (error) {
      console.warn(`RemoteMonitor could not reach ${this.root}: ${(error as Error).message}.`);
    }
  }
}
