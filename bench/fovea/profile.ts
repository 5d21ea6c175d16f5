// Prints, as JSON, how long training steps of a network took, and each phase of their plan. FOVEA_PROFILE=1 has it measured.
import { parseArgs } from 'node:util';
import { config, setSeed } from 'fovea';
import type { PhaseTime } from '../../ts/native.ts';
import type { ImageShape, Net } from '../harness/networks.ts';
import { bareStep } from './faces.ts';
import { build } from './networks.ts';

/** A phase of a plan for the CPU, at its best. */
export interface Phase extends PhaseTime {
  /** The path of the layer that it belongs to; `''` for what is no layer's. */
  readonly layer: string;
}

/** What the process prints. */
export interface Profile {
  /** Seconds of one step, turn by turn. */
  readonly seconds: readonly number[];
  readonly phases: readonly Phase[];
}

const { values } = parseArgs({
  options: {
    net: { type: 'string', default: 'mnist' },
    batch: { type: 'string', default: '64' },
    image: { type: 'string', default: '28x28x1' },
    warm: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '10' },
    precision: { type: 'string', default: 'float32' },
  },
});
const net = values.net as Net;
const image = values.image.split('x').map(Number) as unknown as ImageShape;
const steps = Number(values.steps);
if (values.precision === 'bfloat16') config.setDtypePolicy('mixedBfloat16');
setSeed(0);
const { step, run } = await bareStep(build(net, image), { net, batch: Number(values.batch), image });
await run(Number(values.warm))();
const turn = run(steps);
const seconds: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const start = performance.now();
  await turn();
  seconds.push((performance.now() - start) / 1_000 / steps);
}
const phases = step.plan.profile().map((time) => ({ ...time, layer: step.nodes[time.node]?.origin.path ?? '' }));
process.stdout.write(`${JSON.stringify({ seconds, phases } satisfies Profile)}\n`);
