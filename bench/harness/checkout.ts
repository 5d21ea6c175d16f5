// Other revisions of Fovea, each in a checkout of its own while it is measured.
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root, runToEnd } from './child.ts';

/** Where revisions lie while they are measured: always the same place, so that cargo knows again what it built. */
const place = join(root, 'target', 'compare', 'checkout');

/** What cargo builds of them; it stays. */
const built = join(root, 'target', 'compare', 'target');

const git = (...args: string[]): Promise<string> => runToEnd({ command: 'git', args });

/** The commit that a branch, tag or hash names, shortened. @throws Error if there is none */
export async function commitOf(ref: string): Promise<string> {
  try {
    const commit = await git('rev-parse', '--short', '--verify', '--end-of-options', `${ref}^{commit}`);
    return commit.trim();
  } catch {
    throw new Error(`There is no revision '${ref}' here.`);
  }
}

/**
 * Checks a revision out, with the packages that are installed here, and hands its folder to `use`. Afterwards the
 * folder is gone.
 *
 * @param folder which may be left from a run that was cut short
 * @throws Error if there is no such revision
 */
export async function checkedOut<T>(ref: string, use: (folder: string) => Promise<T>, folder = place): Promise<T> {
  const commit = await commitOf(ref);
  await remove(folder);
  try {
    // Forced: git may still know the folder from a run that was cut short.
    await git('worktree', 'add', '--force', '--quiet', '--detach', folder, commit);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    return await use(folder);
  } finally {
    await remove(folder);
  }
}

async function remove(folder: string): Promise<void> {
  // The link goes first: what it leads to stays whoever removes the rest, and however.
  rmSync(join(folder, 'node_modules'), { force: true });
  await git('worktree', 'remove', '--force', folder).catch(() => rmSync(folder, { recursive: true, force: true }));
}

/** Builds the release addon of a checkout, as `npm run bench` does here. @throws Error with the compiler's last word */
export async function build(folder: string): Promise<void> {
  // Not prepare.mjs: it would install packages, into the folder that the checkout shares with this one.
  const code = `import('./scripts/addon.mjs').then(({ buildAddon }) => buildAddon('release'))`;
  await runToEnd({ command: process.execPath, args: ['-e', code], cwd: folder, env: { CARGO_TARGET_DIR: built } });
}
