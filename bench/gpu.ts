// One training step of both networks on a GPU, beside PyTorch on the same card.
import { native } from '../ts/native.ts';
import { againstFovea, bestPeer, sidesTable, together, versions, wanted } from './harness/comparison.ts';
import type { Net } from './harness/networks.ts';
import { batchOf, type Options } from './harness/options.ts';
import type { Benchmark, Table } from './harness/report.ts';
import { fovea, gpuOthers, type PeerGpu, peerGpu, type Variant } from './harness/variants.ts';

type Card = Awaited<ReturnType<ReturnType<typeof native>['gpus']>>[number];

/** The GPU that `setDevice('gpu')` takes. @throws Error if it is none, or one in name only that nobody asked for */
async function chosen(software: boolean): Promise<Card> {
  const [card] = await native().gpus();
  if (!card) throw new Error('Fovea reaches no GPU here (it needs a driver for Vulkan, Metal or Direct3D 12).');
  if (card.kind === 'software' && !software)
    throw new Error(`'${card.description}' is a CPU that pretends to be a GPU (--software tries the benchmark on it).`);
  return card;
}

/** Fovea's steps, the same again (how far equal sides differ), `fit`, and the peers. */
function sides(net: Net, options: Options, peers: PeerGpu): Variant[] {
  const own = fovea('bare', net, options, 'gpu');
  const control = { ...own, name: 'fovea again' };
  return [
    own,
    control,
    ...wanted([fovea('fit', net, options, 'gpu'), ...gpuOthers(peers, net, options)], options.only),
  ];
}

/** Factors of ten bits are another computation: they stand in the table, and are no measure for float32. */
const exact = ({ name }: { name: string }): boolean => !name.endsWith('tf32');

/** Measures the step of each network on the first GPU. */
export const gpu: Benchmark = async (options, say) => {
  const card = await chosen(options.software);
  // On a CPU that pretends a step takes seconds, and figures mean nothing.
  const [fewRounds, fewSteps, idle] = card.kind === 'software' ? [2, 2, 1] : [15, 100, 20];
  const { rounds = fewRounds, steps = fewSteps } = options;
  const peers = await peerGpu(card);
  const tables: Table[] = [];
  const sentences: string[] = [];
  for (const net of options.nets) {
    const { trainers, failed } = await together(net, sides(net, options, peers), { rounds, steps, idle }, say);
    tables.push(sidesTable(`${net}, batch ${batchOf(net, options)}`, trainers, 'card MB', ({ deviceMB }) => deviceMB));
    const best = bestPeer(trainers.filter(exact));
    const ratio = best ? againstFovea(best, trainers) : Number.NaN;
    if (best && !Number.isNaN(ratio))
      sentences.push(`${net}: the best peer in float32 (${best.name}) takes **${ratio.toFixed(2)}×** Fovea's time.`);
    sentences.push(versions(trainers), ...failed);
  }
  if ('absent' in peers) sentences.push(peers.absent);
  const what = `${rounds} interleaved rounds of ${steps} steps; the ratio is the median of what each round gives.`;
  return {
    title: `One training step on ${card.description} (${card.backend})`,
    facts: [`GPU: ${card.description}, ${card.kind}, ${card.backend}, driver ${card.driver || 'unnamed'}`],
    tables,
    sentences: [...new Set([what, ...sentences])],
  };
};
