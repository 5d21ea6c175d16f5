export * as random from './random/index.ts';
export { SeedGenerator, setSeed } from './random/seed.ts';
