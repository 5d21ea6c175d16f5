import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('./thread-run.ts', import.meta.url));

/** The fingerprint of weights and optimizer state after 200 steps with so many threads. */
async function run(threads: number): Promise<string> {
  const env = { ...process.env, FOVEA_THREADS: String(threads) };
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], { env });
  return stdout.trim();
}

test('1, 2, 3, 4 and 8 threads give the same bits', { timeout: 120_000 }, async () => {
  const results: string[] = [];
  for (const threads of [1, 2, 3, 4, 8]) results.push(await run(threads));
  expect(results[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(results).size).toBe(1);
});
