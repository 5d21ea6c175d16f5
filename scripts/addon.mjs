// Builds the addon. It lies where both ts/native.ts and dist/native.js look for it:
//   native/fovea.node       release build: what `npm start`, `npm run bench` and dist/ load
//   native/dev/fovea.node   dev build, with debug assertions: what the tests load (FOVEA_ADDON)
//   native/binding.d.ts     its types, written by either build
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bin, fail, hostTriple, output, root, run } from './tools.mjs';

const places = { dev: 'native/dev', release: 'native', dist: 'native' };

/**
 * Builds the addon with a cargo profile; cargo sees by itself if there is nothing to do.
 * @param {keyof typeof places} profile
 * @param {{ types?: string }} [where] the file for its types, relative to the repository
 */
export async function buildAddon(profile, { types = 'native/binding.d.ts' } = {}) {
  const into = places[profile];
  mkdirSync(join(root, into), { recursive: true });
  const args = [bin('@napi-rs/cli', 'napi'), 'build', '--target', hostTriple()];
  if (profile !== 'dev') args.push('--profile', profile);
  args.push('--manifest-path', 'crates/binding/Cargo.toml', '--package-json-path', 'package.json');
  args.push('--output-dir', into, '--dts', relative(join(root, into), join(root, types)));
  if ((await run(process.execPath, args)) === 0) return;
  if (process.platform !== 'win32' && output('cc', ['--version']) === null)
    fail('Fovea is built here and needs a C linker (no cc was found; your system’s gcc or clang package brings it).');
  fail('The addon could not be built; the compiler’s reason stands above.');
}
