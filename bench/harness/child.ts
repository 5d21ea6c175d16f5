import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program with its arguments, where it runs (in the repository if left out), and what it needs in its environment. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A file of this folder as a program: sources, run as `npm run bench` runs them. */
export function script(path: string, args: readonly string[], env: Record<string, string> = {}): Program {
  return { command: process.execPath, args: ['--import', 'tsx', path, ...args], env };
}

const running = new Set<Child>();
process.once('exit', () => {
  for (const child of running) child.kill();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** How long a process may take to end by itself. */
const grace = 5_000;

/** A process that answers JSON lines with JSON lines. */
export class Child {
  readonly pid: number;
  readonly #name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #complaints = '';
  /** Why it was ended, if it was. */
  #verdict: string | null = null;

  constructor(name: string, { command, args, cwd = root, env }: Program) {
    this.#name = name;
    // A group of its own, so that what it started goes with it.
    this.#process = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true });
    this.pid = this.#process.pid ?? 0;
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#complaints += error.message;
        lines.close();
        resolve(undefined);
      });
      this.#process.once('exit', (_code, signal) => {
        const guess = signal === 'SIGKILL' ? ' (the system does that where memory runs out)' : '';
        if (signal !== null) this.#verdict ??= `it was ended by ${signal}${guess}`;
        resolve(undefined);
      });
    });
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4_000);
    });
    const lines = createInterface({ input: this.#process.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
    running.add(this);
    this.#ended.then(() => running.delete(this));
  }

  /** Asks for something and gives the answer. */
  async ask<T>(question: object, seconds = 600): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return this.answer<T>(seconds);
  }

  /** The next line. @throws Error if the process ended, or says nothing for so many seconds */
  async answer<T>(seconds = 600): Promise<T> {
    const late = new AbortController();
    const silence = new Promise<'late'>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1_000, 'late');
      late.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    const line = await Promise.race([this.#lines.next(), silence]);
    late.abort();
    if (line === 'late') throw new Error(`${this.#name} said nothing for ${seconds} s.`);
    if (!line.done) return JSON.parse(line.value) as T;
    await this.#ended;
    throw new Error(`${this.#name} ended: ${this.#verdict ?? reason(this.#complaints)}`);
  }

  /** Ends the input and waits for the process to end; kills it after a grace period. */
  async close(): Promise<void> {
    this.#process.stdin.end();
    const timer = setTimeout(() => this.kill(), grace);
    await this.#ended;
    clearTimeout(timer);
    this.kill();
  }

  /** Ends the process, and what it started, at once; the reason is for whoever waits for an answer. */
  kill(why?: string): void {
    if (this.pid === 0) return;
    this.#verdict ??= why ?? null;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Runs a program to its end; gives what it printed. What it says on stderr is passed on if `aloud`.
 *
 * @throws Error with its last words if it fails
 */
export async function runToEnd(program: Program, aloud = false): Promise<string> {
  const { command, args, cwd = root, env } = program;
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (aloud) process.stderr.write(text);
    complaints = (complaints + text).slice(-4_000);
  });
  const [code] = await once(child, 'close');
  if (code === 0) return printed;
  throw new Error(`${args.join(' ')} ended with code ${code}: ${reason(complaints)}`);
}

/** What a program said of its end: the line with its error, not the stack around it. */
function reason(complaints: string): string {
  const lines = complaints.trim().split('\n');
  const line = lines.findLast((text) => /^\S*error\b.*:/i.test(text)) ?? lines.at(-1);
  return line?.trim() || 'it gave no reason';
}
