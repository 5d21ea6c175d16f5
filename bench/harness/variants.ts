import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, root, runToEnd } from './child.ts';
import { compiledScript } from './compiled.ts';
import { factsOf, type Net } from './networks.ts';
import { batchOf, type Options } from './options.ts';

/** How a side of the comparison is started. */
export interface Variant {
  readonly name: string;
  readonly program: Program;
}

/** The same side under another name, elsewhere, or told more in its arguments or environment. */
export function changed(
  { name, program }: Variant,
  to: { name?: string; cwd?: string; args?: Program['args']; env?: Program['env'] },
): Variant {
  const args = [...program.args, ...(to.args ?? [])];
  const env = { ...program.env, ...to.env };
  const place = to.cwd === undefined ? {} : { cwd: to.cwd };
  return { name: to.name ?? name, program: { ...program, ...place, args, env } };
}

const python = 'bench/peers/.venv/bin/python';
const allocator = process.env.FOVEA_TCMALLOC ?? '/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4';

/** What a side does in its steps. */
export type Task = 'train' | 'predict';

const peers: Readonly<Record<Task, readonly string[]>> = {
  train: ['torch', 'torch-channels-last', 'torch-compiled', 'keras-tensorflow', 'keras-jax'],
  predict: ['torch', 'torch-channels-last', 'torch-compiled', 'keras-tensorflow', 'onnxruntime'],
};

/** XLA keeps its buffers itself; the others free and take back large ones at each step. */
const wantsAllocator = (peer: string): boolean => peer !== 'keras-jax';

const installed = (): boolean => existsSync(join(root, python));
const notInstalled = 'No peers: bench/peers/setup.sh was not run here.';

/** What every side is told of its steps. */
function setting(net: Net, options: Options): string[] {
  const { image, turns } = factsOf(net, options.smoke);
  const batch = String(batchOf(net, options));
  return ['--net', net, '--batch', batch, '--image', image.join('x'), '--warm', String(turns.warm)];
}

/** Fovea's process that trains or predicts: of this checkout, and of another that it is compared with. */
export const trainer = 'bench/fovea/train.ts';

/** Fovea's own process: bare steps, `fit` with all that belongs to it, or `predict`. */
export function fovea(
  face: 'bare' | 'fit' | 'predict',
  net: Net,
  options: Options,
  device: 'cpu' | 'gpu' = 'cpu',
): Variant {
  const args = ['--face', face, ...setting(net, options), '--device', device];
  const program = compiledScript(trainer, args, { FOVEA_THREADS: String(options.threads) });
  return { name: face === 'fit' ? 'fovea fit' : 'fovea', program };
}

/** Fovea's process that measures each phase of a training step, or of a prediction. */
export function profiled(net: Net, options: Options): Program {
  const { rounds = 3, steps, threads, smoke, precision, predict } = options;
  const turns = ['--rounds', String(rounds), '--steps', String(steps ?? factsOf(net, smoke).turns.steps)];
  turns.push('--precision', precision, '--face', predict ? 'predict' : 'bare');
  const env = { FOVEA_PROFILE: '1', FOVEA_THREADS: String(threads) };
  return compiledScript('bench/fovea/profile.ts', [...setting(net, options), ...turns], env);
}

/** A peer's process; `device` is PyTorch's word for it. */
function peerProgram(peer: string, net: Net, options: Options, task: Task, device = 'cpu'): Program {
  const args = ['--peer', peer, '--task', task, ...setting(net, options)];
  const machine = ['--threads', String(options.threads), '--device', device];
  return { command: python, args: ['bench/peers/step.py', ...args, ...machine] };
}

/** The peers, those that gain by it also with another allocator; and what is missing, in sentences. */
export function others(net: Net, options: Options, task: Task = 'train'): { variants: Variant[]; missing: string[] } {
  if (!installed()) return { variants: [], missing: [notInstalled] };
  const preload = existsSync(allocator);
  const variants = peers[task].flatMap((peer) => {
    const program = peerProgram(peer, net, options, task);
    const plain = { name: peer, program };
    const preloaded = changed(plain, { name: `${peer} + tcmalloc`, env: { LD_PRELOAD: allocator } });
    return [plain, ...(preload && wantsAllocator(peer) ? [preloaded] : [])];
  });
  const missing = preload
    ? []
    : ['No tcmalloc here (Debian: libtcmalloc-minimal4), so the peers lack their best setting.'];
  return { variants, missing };
}

/** What PyTorch calls a GPU and which peers can be had on it, or why there are none. */
export type PeerGpu = { readonly device: string; readonly peers: readonly string[] } | { readonly absent: string };

/** Asks PyTorch for the GPU that Fovea calls so. */
export async function peerGpu({ description, backend }: { description: string; backend: string }): Promise<PeerGpu> {
  if (!installed()) return { absent: notInstalled };
  const args = ['bench/peers/torch_gpu.py', '--card', description, '--backend', backend];
  try {
    return JSON.parse(await runToEnd({ command: python, args })) as PeerGpu;
  } catch (error) {
    return { absent: `No peers: ${error instanceof Error ? error.message : error}` };
  }
}

/** The peers on a GPU. */
export function gpuOthers(gpu: PeerGpu, net: Net, options: Options): Variant[] {
  if ('absent' in gpu) return [];
  return gpu.peers.map((peer) => ({ name: peer, program: peerProgram(peer, net, options, 'train', gpu.device) }));
}
