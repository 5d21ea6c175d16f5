// Trains in this thread while four workers, which train too, are ended at random moments, again and
// again. Prints the hash of the weights, and what memory is left in use once the workers are gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { native } from '../../../ts/native.ts';
import { epoch, hash, training } from '../training.ts';

const [rounds, epochs, way] = process.argv.slice(2);
const file = new URL('./trains.ts', import.meta.url).href;

async function worker(random: number): Promise<void> {
  const workerData = { file, ...(way === 'exit' && { exit: 3 }) };
  const w = new Worker(new URL('./worker.mjs', import.meta.url), { workerData });
  const exited = new Promise<number>((resolve, reject) => w.once('exit', resolve).once('error', reject));
  if (way === 'exit') {
    const code = await exited;
    if (code !== 3) throw new Error(`the worker ended with ${code}`);
    return;
  }
  // Some are ended before they have begun.
  if (random > 0.1) await Promise.race([new Promise((resolve) => w.once('message', resolve)), exited]);
  await sleep(random * 40);
  await w.terminate();
}

async function workers(): Promise<void> {
  for (let i = 0; i < Number(rounds); i++) await Promise.all(Array.from({ length: 4 }, () => worker(Math.random())));
}

async function train(): Promise<string> {
  const t = training();
  for (let i = 0; i < Number(epochs); i++)
    await native().runEpoch({ source: epoch(t, 20), steps: 0, collect: false, onStep: async () => false });
  return hash(t);
}

const [sum] = await Promise.all([train(), workers()]);
// Jobs of workers that are gone end at their next turn, and this run has its turn after theirs.
const after = training();
await native().runEpoch({ source: epoch(after, 2), steps: 0, collect: false });
for (let i = 0; i < 3; i++) {
  gc!();
  await sleep(20);
}
console.log(JSON.stringify({ sum, ...native().memoryInfo() }));
