import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import { type Program, root } from './child.ts';

/** Where a file of `bench/fovea/` lies when it is compiled, below the checkout that it is of. */
const output = (path: string): string => join('target', 'bench', basename(path).replace(/\.ts$/, '.mjs'));

/** What was compiled already: sources do not change while a benchmark runs. */
const done = new Set<string>();

/**
 * Compiles a file of `bench/fovea/` and all that it imports into one file of JavaScript, as the package is published:
 * a process that reads TypeScript has a compiler in its memory, some 60 MB, which no user's has.
 *
 * @param folder the checkout that it is of
 */
export function compile(path: string, folder = root): void {
  const target = join(folder, output(path));
  if (done.has(target)) return;
  buildSync({
    entryPoints: [join(folder, path)],
    outfile: target,
    absWorkingDir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    keepNames: true,
    sourcemap: true,
    logLevel: 'error',
  });
  done.add(target);
}

/** The release addon of a checkout, or the one that `FOVEA_ADDON` names for this one. */
export function addonOf(folder: string): string {
  const chosen = folder === root ? process.env.FOVEA_ADDON : undefined;
  return chosen || join(folder, 'native', 'fovea.node');
}

/** A file of `bench/fovea/` as a program, compiled. */
export function compiledScript(path: string, args: readonly string[], env: Record<string, string> = {}): Program {
  compile(path);
  const command = [output(path), ...args];
  return { command: process.execPath, args: command, env: { FOVEA_ADDON: addonOf(root), ...env } };
}
