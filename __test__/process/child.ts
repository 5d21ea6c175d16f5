import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a process ended: with a code, by a signal, or not in time. */
export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  late: boolean;
  output: string;
}

/** Runs a file of `children/` in a process of its own. */
export function child(
  file: string,
  args: string[] = [],
  options: { seconds?: number; kib?: number; env?: NodeJS.ProcessEnv } = {},
) {
  const { seconds = 25, kib, env } = options;
  const path = fileURLToPath(new URL(`./children/${file}`, import.meta.url));
  const command = [process.execPath, '--expose-gc', '--import', 'tsx', path, ...args];
  const limited = kib === undefined ? command : ['sh', '-c', `ulimit -v ${kib}; exec "$@"`, 'sh', ...command];
  return new Promise<End>((resolve, reject) => {
    const started = spawn(limited[0]!, limited.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let output = '';
    let late = false;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (text) => (output += text));
    const timer = setTimeout(() => {
      late = true;
      started.kill('SIGKILL');
    }, seconds * 1000);
    started.on('error', reject);
    started.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, late, output });
    });
  });
}
