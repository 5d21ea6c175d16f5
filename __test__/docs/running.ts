import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { root } from '../house/sources.ts';

/** What an example printed, and how it ended. */
export interface Ending {
  code: number;
  out: string;
  err: string;
}

/** Gives each test of a file (and what runs before all) an empty folder; examples run there as with a user, not on a terminal. */
export function inEmptyFolders() {
  let folder = '';
  const own = () => {
    folder ||= mkdtempSync(join(tmpdir(), 'fovea-examples-'));
    return folder;
  };
  afterEach(() => {
    rmSync(own(), { recursive: true, force: true });
    folder = '';
  });
  return {
    /** The path of something in the folder. */
    within: (path: string): string => join(own(), path),
    /** The files in the folder. */
    written: (): string[] =>
      readdirSync(own(), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(own().length + 1)),
    example(name: string, ...args: string[]): Promise<Ending> {
      const cwd = own();
      const env = { ...process.env, HOME: cwd, FOVEA_CACHE: '', TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') };
      const command = ['--import', import.meta.resolve('tsx'), join(root, 'examples', `${name}.ts`), ...args];
      return new Promise((resolve) => {
        execFile(process.execPath, command, { cwd, env }, (error, out, err) => {
          resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
        });
      });
    },
  };
}
