import { existsSync } from 'node:fs';

/** Runs before all tests: without the dev addon they would test an older build, or nothing. */
export default function setup(): void {
  const addon = new URL('../../native/dev/fovea.node', import.meta.url);
  if (!existsSync(addon)) throw new Error('The addon for tests is not built: run `npm test`, or `npm run build:dev`.');
}
