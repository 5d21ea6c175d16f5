import { devices } from 'fovea';
import { test } from 'vitest';

/** The first GPU of this machine, a software one counts; none is said aloud. */
const gpu = (await devices()).find(({ name }) => name === 'gpu');

if (gpu === undefined) console.log('Skipped: these tests need a GPU, and no driver for one was found.');

/** A test that needs a GPU: skipped, and counted so, where there is none. */
export const gpuTest = test.skipIf(gpu === undefined);
