// Runs before `npm start` and `npm run bench`: installs and builds the release addon, if need be.
import { buildAddon } from './addon.mjs';
import { install } from './install.mjs';
import { requireTools } from './tools.mjs';

requireTools();
await install();
await buildAddon('release');
