import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, root, script } from './child.ts';
import type { Net, Options } from './options.ts';

/** How a side of the comparison is started. */
export interface Variant {
  readonly name: string;
  readonly program: Program;
}

const python = 'bench/peers/.venv/bin/python';
const allocator = process.env.FOVEA_TCMALLOC ?? '/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4';
const peers = ['torch', 'torch-channels-last', 'torch-compiled', 'keras-tensorflow', 'keras-jax'];

/** XLA keeps its buffers itself; the others free and take back large ones at each step. */
const wantsAllocator = (peer: string): boolean => peer !== 'keras-jax';

/** Fovea's own process: bare steps, or `fit` with all that belongs to it. */
export function fovea(face: 'bare' | 'fit', net: Net, { batch, threads }: Options): Variant {
  const args = ['--face', face, '--net', net, '--batch', String(batch)];
  const program = script('bench/fovea/train.ts', args, { FOVEA_THREADS: String(threads) });
  return { name: face === 'bare' ? 'fovea' : 'fovea fit', program };
}

/** The peers, those that gain by it also with another allocator; and what is missing, in sentences. */
export function others(net: Net, { batch, threads }: Options): { variants: Variant[]; missing: string[] } {
  if (!existsSync(join(root, python)))
    return { variants: [], missing: ['No peers: bench/peers/setup.sh was not run here.'] };
  const preload = existsSync(allocator);
  const variants = peers.flatMap((peer) => {
    const sizes = ['--threads', String(threads), '--batch', String(batch)];
    const program = { command: python, args: ['bench/peers/step.py', '--peer', peer, '--net', net, ...sizes] };
    const preloaded = { name: `${peer} + tcmalloc`, program: { ...program, env: { LD_PRELOAD: allocator } } };
    return [{ name: peer, program }, ...(preload && wantsAllocator(peer) ? [preloaded] : [])];
  });
  const missing = preload
    ? []
    : ['No tcmalloc here (Debian: libtcmalloc-minimal4), so the peers lack their best setting.'];
  return { variants, missing };
}
