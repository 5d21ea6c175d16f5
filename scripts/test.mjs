// npm test: installs, builds the addon with the dev profile, runs the Rust tests, the TypeScript
// tests and the type tests, and ends with one line that says how many passed, failed and were
// skipped. Arguments go to vitest.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cargoCounts, line, oneTest, sum, vitestCounts } from './counts.mjs';
import { generate, staleFiles } from './generate.mjs';
import { install } from './install.mjs';
import { bin, hostTriple, requireTools, run } from './tools.mjs';

async function rust() {
  let text = '';
  const code = await run('cargo', ['test', '--workspace', '--no-fail-fast', '--target', hostTriple()], {
    tee: (chunk) => {
      text += chunk;
    },
  });
  return cargoCounts(text, code);
}

async function typescript() {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-vitest-'));
  const report = join(folder, 'report.json');
  const args = [bin('vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run(process.execPath, [...args, ...process.argv.slice(2)]);
  try {
    return vitestCounts(JSON.parse(readFileSync(report, 'utf8')), code);
  } catch {
    return vitestCounts(null, code || 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The type tests see what a user sees: the declarations in dist/, through package.json's exports.
async function types() {
  const tsc = bin('typescript', 'tsc');
  const { writeDist } = await import('./dist.mjs');
  const build = await writeDist();
  return oneTest(build || (await run(process.execPath, [tsc, '-p', '__test__/types/tsconfig.json'])));
}

// On a build server a stale file is a failure; at home it is rewritten.
async function generated() {
  if (!process.env.CI) {
    await generate();
    return sum([]);
  }
  const stale = await staleFiles();
  if (stale.length) console.error(`Stale: ${stale.join(', ')}. Run \`npm run generate\` and commit.`);
  return oneTest(stale.length);
}

requireTools();
await install();
const counts = sum([await generated(), await rust(), await typescript(), await types()]);
console.log(`\n${line(counts)}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
