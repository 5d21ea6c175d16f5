// Prints, as JSON, how long training steps or predictions of a network took, and each phase of their plan. FOVEA_PROFILE=1 has it measured.
import { parseArgs } from 'node:util';
import { config, setSeed } from 'fovea';
import type { PhaseTime } from '../../ts/native.ts';
import { placeholder } from '../../ts/symbolic.ts';
import type { CompiledFunction } from '../../ts/trace.ts';
import type { ImageShape, Net } from '../harness/networks.ts';
import { bareStep, faces, type Setting } from './faces.ts';
import { build, type Network } from './networks.ts';

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
    face: { type: 'string', default: 'bare' },
  },
});
const net = values.net as Net;
const image = values.image.split('x').map(Number) as unknown as ImageShape;
const steps = Number(values.steps);
if (values.precision === 'bfloat16') config.setDtypePolicy('mixedBfloat16');
setSeed(0);
const network = build(net, image);
const setting = { net, batch: Number(values.batch), image };
const { step, run } = values.face === 'predict' ? await prediction(network, setting) : await bareStep(network, setting);
await run(Number(values.warm))();
const turn = run(steps);
const seconds: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const start = performance.now();
  await turn();
  seconds.push((performance.now() - start) / 1_000 / steps);
}
// What is kept of variables is no part of a step.
const times = step.plan.profile().filter(({ prepared }) => !prepared);
const phases = times.map((time) => ({ ...time, layer: step.nodes[time.node]?.origin.path ?? '' }));
process.stdout.write(`${JSON.stringify({ seconds, phases } satisfies Profile)}\n`);

/** `predict` as people call it, and what it runs. */
async function prediction(network: Network, setting: Setting) {
  const run = await faces.predict(network, setting);
  const x = placeholder([setting.batch, ...image]);
  const { fn }: { fn: CompiledFunction } = await network.model.training.step('predict', { x });
  return { step: fn, run };
}
