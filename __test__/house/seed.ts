import { setSeed } from 'fovea';
import { beforeEach } from 'vitest';

/** Before each test: starting weights that nobody seeded are the same in every run, so a test that passes stays passed. */
beforeEach(() => {
  setSeed(7);
});
