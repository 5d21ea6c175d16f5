// Fovea's process of the benchmarks, which trains or predicts: speaks the protocol of bench/peers/README.md and adds what it holds.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { config, type DeviceName, setDevice, setSeed } from 'fovea';
import { native } from '../../ts/native.ts';
import type { ImageShape, Net } from '../harness/networks.ts';
import type { Turn } from '../harness/trainer.ts';
import { faces, parameters } from './faces.ts';
import { build } from './networks.ts';
import { peakRssMB } from './process-memory.ts';

/** What a turn leaves behind. */
export interface Holdings {
  readonly rssMB: number;
  /** Pages of memory that the turn was the first to touch. */
  readonly pageFaults: number;
  readonly bufferBytes: number;
  readonly arenaBytes: number;
  readonly deviceBytes: number;
  readonly plans: number;
  readonly buffers: number;
}

/** The answer to `{ "steps": n }`. */
export interface FoveaTurn extends Turn {
  readonly holdings: Holdings;
}

const say = (message: object) => writeSync(1, `${JSON.stringify(message)}\n`);
// Stdout is the protocol's; the progress bar is drawn, but elsewhere.
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

const { values } = parseArgs({
  options: {
    face: { type: 'string', default: 'bare' },
    net: { type: 'string', default: 'mnist' },
    batch: { type: 'string', default: '64' },
    image: { type: 'string' },
    warm: { type: 'string', default: '3' },
    device: { type: 'string', default: 'cpu' },
    precision: { type: 'string', default: 'float32' },
  },
});
const net = values.net as Net;
const image = values.image?.split('x').map(Number) as unknown as ImageShape | undefined;
await setDevice(values.device as DeviceName);
if (values.precision === 'bfloat16') config.setDtypePolicy('mixedBfloat16');
setSeed(0);
const network = build(net, image);
const run = await faces[values.face as keyof typeof faces](network, { net, batch: Number(values.batch), image });
await run(Number(values.warm))();
say({ ready: true, peer: 'fovea', version: `fovea ${native().version()}`, params: parameters(network.model) });

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const { steps } = JSON.parse(line) as { steps: number };
  const turn = run(steps);
  const faults = process.resourceUsage().minorPageFault;
  const start = performance.now();
  const value = await turn();
  const seconds = (performance.now() - start) / 1_000;
  const pageFaults = process.resourceUsage().minorPageFault - faults;
  const holdings = { rssMB: process.memoryUsage.rss() / 2 ** 20, pageFaults, ...native().memoryInfo() };
  const deviceMB = holdings.deviceBytes / 2 ** 20;
  say({ seconds, value, peakRssMB: Math.round(peakRssMB() * 10) / 10, deviceMB, holdings } satisfies FoveaTurn);
}
