import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fovea$/, replacement: here('ts/index.ts') },
      { find: /^fovea\/(\w+)$/, replacement: here('ts/$1/index.ts') },
    ],
  },
  test: {
    include: ['__test__/**/*.test.ts'],
    globalSetup: ['__test__/house/addon.ts'],
    setupFiles: ['__test__/house/seed.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    // The addon with debug assertions; processes that tests start inherit it.
    env: { FOVEA_ADDON: here('native/dev/fovea.node') },
  },
});
