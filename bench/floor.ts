// The least time that a training step's plan can take on the machine at hand, and how near to it steps come.
import type { Phase, Profile } from './fovea/profile.ts';
import { type Program, runToEnd } from './harness/child.ts';
import { cacheBytes } from './harness/machine.ts';
import { batchOf, type Options } from './harness/options.ts';
import type { Benchmark } from './harness/report.ts';
import { median } from './harness/statistics.ts';
import { profiled } from './harness/variants.ts';

/** Of a phase, what its floor is made of. */
export type Work = Pick<Phase, 'cost' | 'flops' | 'bytes'>;

/** What the machine does at most in a second, on so many threads. */
export interface Peak {
  readonly flops: number;
  readonly bytes: number;
}

/** Seconds of all nodes of a plan, at least: what products multiply, what passes through memory, the longer of both. */
export interface Floor {
  readonly products: number;
  readonly memory: number;
  readonly both: number;
}

/** Measures the machine, then each network in a process of its own. */
export const floor: Benchmark = async (options, say) => {
  say('the machine');
  const peak = JSON.parse(await runToEnd(machineBench(options))) as Peak;
  const caches = cacheBytes();
  const rows = [['network (batch)', 'products, ms', 'memory, ms', 'floor, ms', 'step, ms', 'of the floor’s speed']];
  for (const net of options.nets) {
    say(`${net}: phases of a training step`);
    const { seconds, phases } = JSON.parse(await runToEnd(profiled(net, options), true)) as Profile;
    const least = floorOf(phases, peak, caches);
    const step = median(seconds);
    const share = `${((100 * least.both) / step).toFixed(0)} %`;
    rows.push([
      `${net} (${batchOf(net, options)})`,
      ...[least.products, least.memory, least.both, step].map(ms),
      share,
    ]);
  }
  const rates = `${(peak.flops / 1e9).toFixed(0)} GFLOP/s from registers and ${(peak.bytes / 1e9).toFixed(0)} GB/s through memory`;
  return {
    title: 'Floors of training steps',
    facts: [`Peak: ${rates} (\`cargo bench -q -p fovea-kernels --bench machine\`); caches of ${mebibytes(caches)}`],
    tables: [{ title: 'The plan’s products at the peak and its operands at the rate of memory', rows }],
    sentences: [
      'The floor is the sum over the nodes of the plan of the longer of two times: that of the operations that are left of a product after Winograd, at the peak, and that of its operands through memory once, if they are more than the caches hold.',
      'It is one of this plan, not of the network: what is fused no more passes through memory.',
      'Products that pass over zeros, as those of dense layers behind relu and dropout do, are counted whole, as the plan does not know how many there will be: where they are most of a network, a step can be faster than its floor.',
    ],
  };
};

const machineBench = ({ threads }: Options): Program => ({
  command: 'cargo',
  args: ['bench', '-q', '-p', 'fovea-kernels', '--bench', 'machine'],
  env: { FOVEA_THREADS: String(threads) },
});

/** A node’s phases lie one after the other; the last says what the node is. Caches in bytes. */
export function floorOf(phases: readonly Work[], peak: Peak, caches: number): Floor {
  let [products, memory, both, cost] = [0, 0, 0, 0];
  for (const phase of phases) {
    cost += phase.cost;
    const { flops, bytes } = phase;
    if (flops === undefined || bytes === undefined) continue;
    // A detour multiplies less than the definition; what else its cost counts does not make it more.
    const multiplied = Math.min(flops, cost) / peak.flops;
    const moved = bytes > caches ? bytes / peak.bytes : 0;
    products += multiplied;
    memory += moved;
    both += Math.max(multiplied, moved);
    cost = 0;
  }
  return { products, memory, both };
}

const ms = (seconds: number): string => (seconds * 1_000).toFixed(seconds < 0.01 ? 2 : 0);
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
