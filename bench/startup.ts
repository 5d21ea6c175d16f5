// How long `import 'fovea'` takes in a fresh process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root, runToEnd } from './harness/child.ts';
import { type Benchmark, target } from './harness/report.ts';
import { median, range } from './harness/statistics.ts';

/** What the processes run. The package finds itself by its name, as it is installed: through dist/. */
const programs = {
  'node alone': '',
  "import 'fovea'": "await import('fovea');",
  'and the first tensor computed': "const { tensor } = await import('fovea'); await tensor([1, 2]).add(1).data();",
};

/** Measures whole processes, interleaved, and takes away what an empty one takes. */
export const startup: Benchmark = async ({ rounds = 20 }, say) => {
  say('writing dist/');
  await runToEnd({
    command: process.execPath,
    args: ['-e', "import('./scripts/dist.mjs').then((dist) => dist.writeDist())"],
  });
  const entries = Object.entries(programs).map(([name, code]) => ({ name, code, times: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const { code, times } of entries) {
      const time = await lifetime(code);
      // The first round brings the files into the file system's cache.
      if (round >= 0) times.push(time);
    }
  }
  const empty = entries[0]!.times;
  const beyond = (times: readonly number[]) => median(times.map((time, i) => time - empty[i]!));
  const rows = entries.map(({ name, times }) => [
    name,
    median(times).toFixed(0),
    range(times, 0),
    beyond(times).toFixed(0),
  ]);
  return {
    title: 'Start-up',
    tables: [{ title: `${rounds} fresh processes each`, rows: [['process', 'ms', 'from–to', 'beyond node'], ...rows] }],
    sentences: [target("import 'fovea' beyond an empty process", beyond(entries[1]!.times), 100, ' ms')],
  };
};

/** Milliseconds from the start of a process to its end. */
async function lifetime(code: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`node -e "${code}" ended with code ${status}.`);
  return performance.now() - start;
}
