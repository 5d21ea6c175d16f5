// npm run check: everything that needs no test run. All checks run, also after one has failed.
import { install } from './install.mjs';
import { bin, hostTriple, requireTools, run } from './tools.mjs';

requireTools();
await install();

const tsc = bin('typescript', 'tsc');
const node = process.execPath;
const clippy = ['clippy', '--workspace', '--all-targets', '--target', hostTriple(), '--', '-D', 'warnings'];

/** @type {[name: string, program: string, args: string[]][]} */
const checks = [
  ['format and lint (TypeScript)', node, [bin('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.']],
  ['format (Rust)', 'cargo', ['fmt', '--all', '--check']],
  ['lock file (Rust)', 'cargo', ['fetch', '--locked', '--quiet']],
  ['lint (Rust)', 'cargo', clippy],
  ['generated files', node, ['scripts/generate.mjs', '--check']],
  ['types', node, [tsc, '--noEmit']],
  ['house rules', node, [bin('vitest'), 'run', '__test__/house']],
];

const failed = [];
for (const [name, program, args] of checks) {
  console.log(`── ${name}`);
  if ((await run(program, args)) !== 0) failed.push(name);
}
console.log(failed.length ? `\nFailed: ${failed.join('; ')}.` : '\nAll checks passed.');
process.exitCode = failed.length ? 1 : 0;
