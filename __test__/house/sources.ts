import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const skipped = new Set(['node_modules', 'target', '.venv', 'recordings', 'generated']);

/** The paths of all files below a folder of the repository, with `/` and relative to it. */
export function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    return entry.isDirectory() ? files(`${folder}/${entry.name}`).map((path) => `${entry.name}/${path}`) : [entry.name];
  });
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');
