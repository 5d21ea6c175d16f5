// npm run generate: writes what derives from Rust, ts/generated/ (from the op list, by crates/xtask)
// and native/binding.d.ts (from the addon). With --check it writes nothing and says what is stale.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
 * The files of a folder with their text.
 * @param {string} path
 * @returns {Map<string, string>}
 */
function texts(path) {
  try {
    return new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));
  } catch {
    return new Map();
  }
}

/**
 * Names the generated files that differ from what Rust says now.
 * @returns {Promise<string[]>}
 */
export async function staleFiles() {
  const fresh = mkdtempSync(join(tmpdir(), 'fovea-generated-'));
  try {
    await generateOps(join(fresh, 'ts'));
    await buildAddon('dev', { types: relative(root, join(fresh, 'binding.d.ts')) });
    const stale = [];
    const [had, has] = [texts(join(root, folder)), texts(join(fresh, 'ts'))];
    for (const name of new Set([...had.keys(), ...has.keys()]))
      if (had.get(name) !== has.get(name)) stale.push(`${folder}/${name}`);
    if (texts(join(root, 'native')).get('binding.d.ts') !== texts(fresh).get('binding.d.ts')) stale.push(types);
    return stale;
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
