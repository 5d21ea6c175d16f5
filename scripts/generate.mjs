// npm run generate: writes what derives from Rust, ts/generated/ (from the op list, by crates/xtask)
// and native/binding.d.ts (from the addon), and what derives from the types of ts/, docs/keras.md.
// With --check it writes nothing and says what is stale.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './addon.mjs';
import { install } from './install.mjs';
import { bin, fail, hostTriple, requireTools, root, run } from './tools.mjs';

const folder = 'ts/generated';
const types = 'native/binding.d.ts';
const surface = 'docs/keras.md';

/** @param {string} into */
async function generateOps(into) {
  const args = ['run', '--quiet', '--target', hostTriple(), '-p', 'xtask', '--', 'generate', into];
  if ((await run('cargo', args)) !== 0) fail('crates/xtask could not write the generated files.');
}

/**
 * Writes the table of Keras's surface; what it says of defaults it asks the dev addon.
 * @param {string} into
 */
async function generateSurface(into) {
  const env = { FOVEA_ADDON: join(root, 'native', 'dev', 'fovea.node') };
  if ((await run(process.execPath, [bin('tsx'), 'scripts/surface.ts', into], { env })) !== 0)
    fail(`scripts/surface.ts could not write ${surface}.`);
}

/**
 * A file's text, or `null` if it is not there.
 * @param {string} path
 */
const text = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);

/** @param {string} path */
const names = (path) => (existsSync(path) ? readdirSync(path) : []);

/**
 * Names the generated files that differ from what Rust and the types say now. The dev addon is built on the way.
 * @returns {Promise<string[]>}
 */
export async function staleFiles() {
  const fresh = mkdtempSync(join(tmpdir(), 'fovea-generated-'));
  try {
    const freshOps = join(fresh, 'ts');
    const freshTypes = join(fresh, 'binding.d.ts');
    const freshSurface = join(fresh, 'keras.md');
    await generateOps(freshOps);
    await buildAddon('dev', { types: relative(root, freshTypes) });
    await generateSurface(freshSurface);
    if (!existsSync(freshTypes)) fail('napi wrote no types for the addon.');
    const all = new Set([...names(join(root, folder)), ...names(freshOps)]);
    const stale = [...all].filter((name) => text(join(root, folder, name)) !== text(join(freshOps, name)));
    const staleTypes = text(join(root, types)) === text(freshTypes) ? [] : [types];
    const staleSurface = text(join(root, surface)) === text(freshSurface) ? [] : [surface];
    return [...stale.map((name) => `${folder}/${name}`), ...staleTypes, ...staleSurface];
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Writes all generated files. The dev addon is built on the way. */
export async function generate() {
  await generateOps(folder);
  await buildAddon('dev');
  await generateSurface(surface);
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
