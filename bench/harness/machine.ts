import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { native } from '../../ts/native.ts';
import { root } from './child.ts';

/** The machine and the builds, as a report names them; `built` is the revision that is measured. */
export function machine(threads: number, built: string): string[] {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
  return [
    `Machine: ${cpuName()}, ${availableParallelism()} cores, ${memory}, ${type()} ${release()}`,
    `Fovea ${native().version()} (${built}, kernels for ${native().deviceInfo().isa}), Node ${process.versions.node}`,
    ...(process.env.FOVEA_ADDON ? ['Not the release build: FOVEA_ADDON names another'] : []),
    `Threads: ${threads}; date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ];
}

/** Virtual machines hide the model's name; family and model say which it is all the same. */
function cpuName(): string {
  const name = cpus()[0]?.model.trim() || 'unknown CPU';
  const info = textOf('/proc/cpuinfo');
  const [family, model] = ['cpu family', 'model'].map((key) => info.match(new RegExp(`^${key}\\s*: (\\d+)`, 'm'))?.[1]);
  return family === undefined ? name : `${name} (family ${family}, model ${model})`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The revision that lies here now, and whether code differs from it. */
export function revision(): string {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const changed = git('status', '--porcelain', 'crates', 'ts') === '' ? '' : ' with changes';
  return `${git('rev-parse', '--short', 'HEAD') || 'no revision'}${changed}`;
}

/** Bytes of the largest cache, by what Linux says; 0 if it says nothing. */
export function cacheBytes(): number {
  const sizes = [0, 1, 2, 3].map((index) => textOf(`/sys/devices/system/cpu/cpu0/cache/index${index}/size`));
  return Math.max(...sizes.map((text) => Number.parseInt(text, 10) || 0)) * 2 ** 10;
}

/** What runs on the machine besides, by the one-minute load average. */
export const load = (): string => loadavg()[0]!.toFixed(1);
