// How a step fares while another process keeps one core busy.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Net } from './harness/networks.ts';
import type { Options } from './harness/options.ts';
import { type Benchmark, type Table, target } from './harness/report.ts';
import { median, pairedRatio, range } from './harness/statistics.ts';
import { Trainer } from './harness/trainer.ts';
import { fovea } from './harness/variants.ts';

/** Measures in turns without and with the other process, which sleeps in between. */
export const busy: Benchmark = async (options, say) => {
  const tables: Table[] = [];
  const sentences = ['The other process is an endless loop of one thread; the system decides where it runs.'];
  for (const net of options.nets) {
    say(`${net}: with another process busy`);
    const { idle, disturbed } = await measure(net, options);
    const row = (name: string, times: number[]) => [name, median(times).toFixed(2), range(times, 1)];
    const rows = [['machine', 'ms a step', 'from–to'], row('otherwise idle', idle), row('one core busy', disturbed)];
    tables.push({ title: net, rows });
    sentences.push(
      target(`${net}: a step beside a busy process, against one without`, pairedRatio(disturbed, idle), 2, '×'),
    );
  }
  return { title: 'Beside a busy process', tables, sentences };
};

async function measure(net: Net, options: Options): Promise<{ idle: number[]; disturbed: number[] }> {
  const { rounds = 20, steps = 30 } = options;
  const { name, program } = fovea('bare', net, options);
  const trainer = new Trainer(name, program);
  const burner = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  burner.kill('SIGSTOP');
  try {
    await trainer.ready();
    for (let round = 0; round < rounds; round++) {
      await trainer.turn({ steps });
      burner.kill('SIGCONT');
      await trainer.turn({ steps });
      burner.kill('SIGSTOP');
    }
  } finally {
    await Promise.all([trainer.close(), ended(burner)]);
  }
  const every = (rest: number) => trainer.times.filter((_, i) => i % 2 === rest);
  return { idle: every(0), disturbed: every(1) };
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
