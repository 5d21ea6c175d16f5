// npm run build: the addon and dist/. With --dev only the addon that the tests load; with
// --publish the addon in the slow profile that is published.
import { buildAddon } from './addon.mjs';
import { install } from './install.mjs';
import { requireTools } from './tools.mjs';

requireTools();
await install();
if (process.argv.includes('--dev')) {
  await buildAddon('dev');
} else {
  await buildAddon(process.argv.includes('--publish') ? 'dist' : 'release');
  // Read only now: a fresh clone has no packages before they are installed.
  const { writeDist } = await import('./dist.mjs');
  process.exitCode = await writeDist();
}
