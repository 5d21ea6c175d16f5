import { createRequire } from 'node:module';
import { FoveaError, wrapNative } from './errors.ts';

/** Elements of one type, in Rust's memory. Immutable. */
export interface NativeBuffer {
  readonly type: number;
  readonly byteLength: number;
  /** Whether `bytes` need not wait for a GPU. */
  readonly onHost: boolean;
  /** Resolves when `bytes` need not wait any more. */
  fetch(): Promise<void>;
  /** A fresh copy. */
  bytes(): Uint8Array;
  dispose(): void;
}

/** A slot that holds a versioned buffer. */
export interface NativeVariable {
  readonly type: number;
  /** The value of this moment; shares storage until the next write. */
  snapshot(): NativeBuffer;
  assign(value: NativeBuffer): void;
  dispose(): void;
}

/** Operands that many runs are fed with, in this order. */
export interface NativeOperands {
  /** What it was made of, so that nobody takes them for garbage; not in napi's description. */
  readonly operands?: readonly Operand[];
}

/** What a leaf of a plan is fed; numbers feed leaves of rank 0, a list as many leaves as it is long. */
export type Operand = NativeBuffer | NativeVariable | NativeOperands | number;

/** Ends a run early. */
export interface NativeAbort {
  abort(): void;
}

/** How long a phase of a plan took at best. */
export interface PhaseTime {
  name: string;
  /** The node of the graph that was compiled. */
  node: number;
  chunks: number;
  /** Roughly how many floating-point operations it is. */
  cost: number;
  nanoseconds: number;
  /** Whether later runs leave it out while variables stay as they are. */
  prepared: boolean;
  /** Floating-point operations of the whole node if it is a product, as it is defined; on the last of the node's phases. */
  flops?: number;
  /** Bytes that the whole node reads and writes; on the last of its phases. */
  bytes?: number;
}

/** A compiled graph. */
export interface NativePlan {
  run(operands: Operand[], abort?: NativeAbort): Promise<NativeBuffer[]>;
  /** On the calling thread, if that is brief and no other work is under way. */
  runAtOnce(operands: Operand[]): NativeBuffer[] | null;
  runSync(operands: Operand[]): NativeBuffer[];
  /** Each phase with the fewest nanoseconds it took; empty unless `FOVEA_PROFILE=1`. */
  profile(): PhaseTime[];
}

/** Rows `begin … end` of each data buffer, batch by batch, gathered natively. */
export interface TensorSourceOptions {
  data: NativeBuffer[];
  begin: number;
  end: number;
  batchSize: number;
  /** A Philox key. */
  shuffle?: [number, number];
  plan: NativePlan;
  /** For the leaves after the fed ones. */
  operands: Operand[];
  /** For the last, smaller batch. */
  tailPlan?: NativePlan;
  tailOperands?: Operand[];
}

/** Where an epoch's steps come from. */
export interface NativeSource {
  /** Resolves when there is room; `false` if the consumer is gone. */
  push(plan: NativePlan, operands: Operand[]): Promise<boolean>;
  end(): void;
}

/** One epoch. */
export interface EpochOptions {
  source: NativeSource;
  /** At most so many; 0: until the source ends. */
  steps: number;
  /** Collect the outputs of all steps (prediction) instead of reading them as logs. */
  collect: boolean;
  abort?: NativeAbort;
  onProgress?: (step: number, logs: Float64Array) => void;
  /** Awaited after each step; `true` ends the epoch. */
  onStep?: (step: number, logs: Float64Array) => Promise<boolean>;
  /** Awaited before each step; `true` ends the epoch. */
  onBegin?: (step: number) => Promise<boolean>;
}

export interface EpochResult {
  steps: number;
  /** The outputs of the last step. */
  logs: Float64Array;
  collected?: NativeBuffer[];
  stopped: boolean;
}

/** The addon: the Rust side of Fovea. */
export interface Addon {
  version(): string;
  internType(dtype: string, shape: number[]): number;
  describeType(type: number): { dtype: string; shape: number[] };
  internOp(name: string, attributes: string): number;
  infer(op: number, inputTypes: number[]): number[];
  opNames(): string[];
  permutation(n: number, key0: number, key1: number): Uint32Array;
  deviceInfo(): { isa: string; threads: number; version: string };
  memoryInfo(): {
    bufferBytes: number;
    arenaBytes: number;
    /** In the memory of GPUs. */
    deviceBytes: number;
    /** Buffers that were ever made there: a steady state makes none. */
    deviceBuffersMade: number;
    plans: number;
    buffers: number;
  };
  /** The GPUs, the one that `gpu` means first. */
  gpus(): Promise<{ description: string; kind: string; backend: string; driver: string }[]>;
  /** Rejects if there is no device of that name. */
  openDevice(name: string): Promise<void>;
  compile(graph: Int32Array, device: string, precision?: string): Promise<NativePlan>;
  compileSync(graph: Int32Array, device: string, precision?: string): NativePlan;
  runEpoch(options: EpochOptions): Promise<EpochResult>;
  NativeBuffer: { from(type: number, bytes: Uint8Array): NativeBuffer };
  NativeVariable: new (initial: NativeBuffer) => NativeVariable;
  NativeOperands: new (operands: Operand[]) => NativeOperands;
  NativeAbort: new () => NativeAbort;
  NativeSource: { tensors(options: TensorSourceOptions): NativeSource; queue(): NativeSource };
}

const require = createRequire(import.meta.url);

/**
 * Where the addon may be: the one that `FOVEA_ADDON` names; else the one built in this checkout, else
 * the platform package that npm installed (of the two for Linux only the one for its C library).
 */
function candidates(): string[] {
  const chosen = process.env.FOVEA_ADDON;
  if (chosen) return [chosen];
  const { platform, arch } = process;
  const abis = platform === 'linux' ? ['-gnu', '-musl'] : platform === 'win32' ? ['-msvc'] : [''];
  return ['../native/fovea.node', ...abis.map((abi) => `@fovea/binding-${platform}-${arch}${abi}`)];
}

function load(): Addon {
  const reasons: string[] = [];
  for (const candidate of candidates()) {
    try {
      return require(candidate);
    } catch (error) {
      reasons.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  throw new FoveaError(
    'UNSUPPORTED',
    `Fovea has no addon for ${process.platform}-${process.arch}: ${reasons.join('; ')}. ` +
      'In a clone `npm run build` makes it; in an installed package, install again with optional dependencies.',
  );
}

let addon: Addon | undefined;

/** The addon, loaded on first use: importing Fovea loads nothing. */
export function native(): Addon {
  addon ??= load();
  return addon;
}

/** Calls the addon; what it throws becomes a `FoveaError`. */
export function calling<T>(work: (addon: Addon) => T): T {
  try {
    return work(native());
  } catch (error) {
    throw wrapNative(error);
  }
}

/** The error with which a run ends when its signal aborts. */
export function aborted(signal: AbortSignal, what: string): FoveaError {
  return new FoveaError('ABORTED', `${what} was aborted.`, what, { cause: signal.reason });
}
