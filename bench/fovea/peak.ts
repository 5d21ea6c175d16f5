// Runs the script that the first argument names, with the other arguments, and prints the peak of memory at its end.
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { peakRssMB } from './process-memory.ts';

process.once('exit', () => writeSync(1, `\npeak memory: ${peakRssMB().toFixed(1)} MB\n`));
process.argv.splice(1, 1);
await import(pathToFileURL(resolve(process.argv[1]!)).href);
