import { badArgument, shown, wrapNative } from '../errors.ts';
import { type NativeBuffer, native } from '../native.ts';

/** The name of a device: `'gpu'` is the first GPU, `'gpu:1'` the second. */
export type DeviceName = 'cpu' | 'gpu' | `gpu:${number}`;

/** A device that tensors can be computed on. */
export interface Device {
  /** For {@link setDevice}. */
  readonly name: DeviceName;
  /** `'cpu'`, or what sort of GPU it is; a software GPU is a CPU that pretends. */
  readonly kind: 'cpu' | 'discrete' | 'integrated' | 'virtual' | 'software' | 'other';
  /** The CPU's instruction set and threads, or the GPU as its driver calls it. */
  readonly description: string;
  /** How it is reached: `'vulkan'`, `'metal'`, `'dx12'`; `null` for the CPU. */
  readonly backend: string | null;
}

let current: DeviceName | undefined;

/** Throws unless a value is the name of a device. */
export function deviceName(where: string, field: string, value: unknown): DeviceName {
  if (typeof value === 'string' && /^(cpu|gpu(:\d+)?)$/.test(value)) return value as DeviceName;
  throw badArgument(where, `${field} must be 'cpu', 'gpu' or 'gpu:1'; received ${shown(value)}.`);
}

/** What is computed from now on is computed there: what `setDevice` said, else `FOVEA_DEVICE`, else the CPU. */
export function currentDevice(): DeviceName {
  current ??= deviceName('FOVEA_DEVICE', 'it', process.env.FOVEA_DEVICE || 'cpu');
  return current;
}

/**
 * Chooses the device for what is computed from now on. Tensors and weights move by themselves; models that were
 * compiled with a `device` of their own stay there. `FOVEA_DEVICE` chooses the first one from outside.
 *
 * @throws FoveaError `NO_DEVICE` if there is no such device (it says what there is), `BAD_ARGUMENT` for another word
 */
export async function setDevice(name: DeviceName): Promise<void> {
  const wanted = deviceName('setDevice', 'the device', name);
  try {
    await native().openDevice(wanted);
  } catch (error) {
    throw wrapNative(error);
  }
  current = wanted;
}

/** The devices of this machine: the CPU, then GPUs, the fastest sort first. A GPU that cannot be reached is not there. */
export async function devices(): Promise<Device[]> {
  const { isa, threads } = native().deviceInfo();
  const plural = threads === 1 ? '' : 's';
  const cpu: Device = { name: 'cpu', kind: 'cpu', description: `${isa}, ${threads} thread${plural}`, backend: null };
  const gpus = await native().gpus();
  const gpu = ({ description, kind, backend }: (typeof gpus)[number], i: number): Device => {
    return { name: i === 0 ? 'gpu' : `gpu:${i}`, kind: kind as Device['kind'], description, backend };
  };
  return [cpu, ...gpus.map(gpu)];
}

/** Waits until a buffer's bytes can be copied at once: a GPU may still be making them. */
export async function arrived(buffer: NativeBuffer): Promise<void> {
  try {
    if (!buffer.onHost) await buffer.fetch();
  } catch (error) {
    throw wrapNative(error);
  }
}
