// A worker that trains until it is ended, with work of every kind under way.
import { parentPort, workerData } from 'node:worker_threads';
import { native } from '../../../ts/native.ts';
import { epoch, floats, step, training } from '../training.ts';

const addon = native();
const { exit } = workerData as { exit?: number };
const t = training();
const options = { steps: 0, collect: false } as const;

async function again(hooks: object): Promise<never> {
  for (;;) await addon.runEpoch({ source: epoch(t, 20), ...options, ...hooks });
}

void again({ onStep: async () => false, onBegin: async () => false });
void again({ onProgress: () => undefined });
// Waits for data that never comes.
void addon.runEpoch({ source: addon.NativeSource.queue(), ...options });
// Waits for a callback that does not answer. (If it never can, because its promise is garbage, the
// epoch rejects.)
const kept: unknown[] = [];
const unanswered = () => new Promise<boolean>((resolve) => kept.push(resolve));
void addon.runEpoch({ source: epoch(training(), 3), ...options, onStep: unanswered });
process.on('exit', () => kept.length);
const queue = addon.NativeSource.queue();
const data = floats([64, 256], (i) => i % 3);
for (let i = 0; i < 5; i++) void queue.push(t.plan, [data, ...t.operands]);
for (let i = 0; i < 20; i++) void t.plan.run([data, ...t.operands]);
for (let rows = 1; rows < 4; rows++) void addon.compile(step(rows), 'cpu');
parentPort!.postMessage('started');
if (exit !== undefined) setTimeout(() => process.exit(exit), 10);
