// Writes dist/: what the package runs, and its types.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bin, root, run } from './tools.mjs';

const dist = join(root, 'dist');

/**
 * Compiles ts/ and joins its files: hundreds of small ones take Node three times as long to import.
 * @returns {Promise<number>} the exit code of the compiler
 */
export async function writeDist() {
  rmSync(dist, { recursive: true, force: true });
  const code = await run(process.execPath, [bin('typescript', 'tsc'), '-p', 'tsconfig.build.json']);
  if (code !== 0) return code;
  const compiled = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.js(\.map)?$/.test(path),
  );
  const folders = readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const entries = ['.', ...folders.map(({ name }) => name)].map((folder) => join(dist, folder, 'index.js'));
  const { outputFiles } = await build({
    entryPoints: entries.filter((entry) => existsSync(entry)),
    outdir: dist,
    outbase: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    keepNames: true,
    sourcemap: true,
    write: false,
    logLevel: 'error',
  });
  for (const path of compiled) rmSync(join(dist, path));
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  return 0;
}
