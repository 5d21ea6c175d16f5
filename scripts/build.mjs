// npm run build: the addon and dist/. With --dev only the addon that the tests load; with
// --publish the addon in the slow profile that is published.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildAddon } from './addon.mjs';
import { install } from './install.mjs';
import { bin, requireTools, root, run } from './tools.mjs';

requireTools();
await install();
if (process.argv.includes('--dev')) {
  await buildAddon('dev');
} else {
  await buildAddon(process.argv.includes('--publish') ? 'dist' : 'release');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  process.exitCode = await run(process.execPath, [bin('typescript', 'tsc'), '-p', 'tsconfig.build.json']);
}
