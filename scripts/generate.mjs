// npm run generate: writes what derives from Rust, ts/generated/ (from the op list, by crates/xtask)
// and native/binding.d.ts (from the addon). With --check it writes nothing and says what is stale.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './addon.mjs';
import { install } from './install.mjs';
import { fail, hostTriple, requireTools, root, run } from './tools.mjs';

const folder = 'ts/generated';
const types = 'native/binding.d.ts';

/** @param {string} into */
async function generateOps(into) {
  const args = ['run', '--quiet', '--target', hostTriple(), '-p', 'xtask', '--', 'generate', into];
  if ((await run('cargo', args)) !== 0) fail('crates/xtask could not write the generated files.');
}

/**
 * A file's text, or `null` if it is not there.
 * @param {string} path
 */
const text = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);

/** @param {string} path */
const names = (path) => (existsSync(path) ? readdirSync(path) : []);

/**
 * Names the generated files that differ from what Rust says now. The dev addon is built on the way.
 * @returns {Promise<string[]>}
 */
export async function staleFiles() {
  const fresh = mkdtempSync(join(tmpdir(), 'fovea-generated-'));
  try {
    const [freshOps, freshTypes] = [join(fresh, 'ts'), join(fresh, 'binding.d.ts')];
    await generateOps(freshOps);
    await buildAddon('dev', { types: relative(root, freshTypes) });
    if (!existsSync(freshTypes)) fail('napi wrote no types for the addon.');
    const all = new Set([...names(join(root, folder)), ...names(freshOps)]);
    const stale = [...all].filter((name) => text(join(root, folder, name)) !== text(join(freshOps, name)));
    const staleOps = stale.map((name) => `${folder}/${name}`);
    return text(join(root, types)) === text(freshTypes) ? staleOps : [...staleOps, types];
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Writes all generated files. The dev addon is built on the way. */
export async function generate() {
  await generateOps(folder);
  await buildAddon('dev');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireTools();
  await install();
  if (process.argv.includes('--check')) {
    const stale = await staleFiles();
    if (stale.length) fail(`Stale: ${stale.join(', ')}. Run \`npm run generate\`.`);
    console.log('The generated files are fresh.');
  } else {
    await generate();
  }
}
