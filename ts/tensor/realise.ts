import { FoveaError, wrapNative } from '../errors.ts';
import { calling, type NativeBuffer, native } from '../native.ts';
import { checkNotTraced } from './context.ts';
import { currentDevice, type DeviceName } from './device.ts';
import { type Missing, type Program, write } from './graph.ts';
import { released } from './node.ts';
import { currentPrecision } from './precision.ts';
import { pendingSlots, type Slot, versions } from './slot.ts';
import type { Tensor } from './tensor.ts';
import { typeId } from './types.ts';
import { bufferOf } from './values.ts';

/** A chain of so many unrealised nodes is computed even if nobody reads: loops do not grow. */
export const longestChain = 1000;

/** The reads run one after the other: each leaves behind the values the next begins with. */
let tail: Promise<unknown> = Promise.resolve();
let running = 0;

/** Computes tensors, and with them all pending assignments, on the current device if no other is named. */
export async function realise(targets: readonly Tensor[], device?: DeviceName): Promise<void> {
  check(targets);
  if (targets.every((t) => t.buffer || t.number !== null)) return;
  return queued(() => run(targets, true, device ?? currentDevice()));
}

/** Runs the pending assignments. */
export async function flush(): Promise<void> {
  if (pendingSlots.size) await queued(() => run([], true, currentDevice()));
}

/** Gives variables their first values, in one plan. */
export async function initialise(slots: readonly Slot[]): Promise<void> {
  await queued(() => first(slots));
}

/** As `realise`, but JavaScript waits. */
export function realiseSync(targets: readonly Tensor[]): void {
  check(targets);
  if (targets.some((t) => !t.buffer && t.number === null)) runSync(targets, true, currentDevice());
}

/** As `flush`, but JavaScript waits. */
export function flushSync(): void {
  if (pendingSlots.size) runSync([], true, currentDevice());
}

function check(targets: readonly Tensor[]): void {
  checkNotTraced();
  const symbolic = targets.find((t) => t.symbolic);
  if (symbolic)
    throw new FoveaError('UNSUPPORTED', `${symbolic} is symbolic and has no data: call the model on real tensors.`);
}

function queued<T>(work: () => Promise<T>): Promise<T> {
  const job = tail.then(work);
  tail = job.catch(() => undefined);
  return job;
}

/** What one run does: its graph, and what follows from its outputs. */
interface Job extends Program {
  readonly outputs: readonly Tensor[];
  readonly assigns: readonly (readonly [Slot, Tensor])[];
  /** Assignments to variables that never had a value: their outputs become the slots' first. */
  readonly births: readonly (readonly [Slot, Tensor])[];
}

/** Waits until the run under way is done: what the slots hold is settled then. */
function settle(): void {
  if (running === 0) return;
  const { code, operands } = idle();
  native().compileSync(code, 'cpu').runSync(operands);
}

/** The smallest graph: runs keep their order, so when it is done those before it are. */
function idle(): Program {
  const type = typeId('float32', []);
  const negate = native().internOp('neg', '{}');
  return { code: Int32Array.of(1, 0, type, 1, negate, 1, 0, 1, 1, 0, -1), operands: [0], nodes: [], leaves: [] };
}

const unrealised = (t: Tensor): boolean => !t.buffer && t.number === null && !t.node.slot?.holds(t);

/** The job for targets, what is missing for it, or `null` if there is nothing to do. */
function prepare(targets: readonly Tensor[], withPending: boolean): Job | Missing | null {
  const pending = withPending ? [...pendingSlots].map((slot) => [slot, slot.pending!] as const) : [];
  const outputs = targets.filter((t) => unrealised(t) && !pending.some(([, read]) => read === t));
  if (!outputs.length && !pending.length) return null;
  // Where somebody still holds a read of the first value, that one has to be computed after all.
  const births = pending.filter(([slot]) => !slot.native && !slot.settled);
  const assigns = pending.filter((entry) => !births.includes(entry));
  const program = write({ outputs: [...outputs, ...births.map(([, read]) => read)], assigns });
  return 'code' in program ? { ...program, outputs, assigns, births } : program;
}

/** Called when a job is handed over: from here on the slots count as written. */
function submit({ assigns }: Job): void {
  for (const [slot, read] of assigns) {
    slot.retire();
    slot.settled = read;
    if (slot.pending === read) {
      slot.pending = null;
      pendingSlots.delete(slot);
    }
  }
}

/** The job failed: its assignments did not happen. */
function revoke({ assigns, births }: Job): void {
  for (const [slot, read] of assigns) if (slot.settled === read) slot.settled = undefined;
  for (const [slot, read] of births) {
    if (slot.pending !== read) continue;
    slot.pending = null;
    pendingSlots.delete(slot);
  }
  versions.count++;
}

function finish({ outputs, assigns, births }: Job, buffers: NativeBuffer[]): void {
  outputs.forEach((t, i) => {
    t.buffer = buffers[i]!;
    t.depth = 0;
    if (!t.tracked && t.node.outputs.every((o) => o.buffer)) t.node.inputs = released;
  });
  births.forEach(([slot, read], i) => {
    const buffer = buffers[outputs.length + i]!;
    born(slot, buffer, read);
  });
  for (const [, read] of [...assigns, ...births]) {
    read.node.inputs = released;
    read.depth = 0;
  }
}

function born(slot: Slot, buffer: NativeBuffer, read: Tensor): void {
  if (slot.native || slot.pending !== read) {
    read.buffer = buffer;
    return;
  }
  slot.native = calling((addon) => new addon.NativeVariable(buffer));
  slot.initial = null;
  slot.settled = read;
  slot.pending = null;
  pendingSlots.delete(slot);
  versions.count++;
}

async function run(targets: readonly Tensor[], withPending: boolean, device: DeviceName): Promise<void> {
  for (;;) {
    const job = prepare(targets, withPending);
    if (!job) return;
    if ('slots' in job) {
      await first(job.slots);
      continue;
    }
    const before = versions.count;
    try {
      const plan = await native().compile(job.code, device, currentPrecision());
      // While it was compiled a synchronous read may have moved the variables on.
      if (versions.count !== before) continue;
      submit(job);
      running++;
      const buffers = await plan.run(job.operands).finally(() => running--);
      finish(job, buffers);
      return;
    } catch (error) {
      revoke(job);
      throw wrapNative(error, job);
    }
  }
}

function runSync(targets: readonly Tensor[], withPending: boolean, device: DeviceName): void {
  for (;;) {
    const job = prepare(targets, withPending);
    if (!job) return;
    if ('slots' in job) {
      firstSync(job.slots);
      continue;
    }
    try {
      const plan = native().compileSync(job.code, device, currentPrecision());
      settle();
      submit(job);
      finish(job, plan.runSync(job.operands));
      return;
    } catch (error) {
      revoke(job);
      throw wrapNative(error, job);
    }
  }
}

/** First values are made on the CPU, whatever the device: the same seed gives the same bits everywhere. */
const birthplace: DeviceName = 'cpu';

const without = (slots: readonly Slot[]): Slot[] => slots.filter((slot) => !slot.native && slot.initial);

async function first(slots: readonly Slot[]): Promise<void> {
  const wanted = without(slots);
  await run(
    wanted.map((slot) => slot.initial!),
    false,
    birthplace,
  );
  fill(wanted);
}

function firstSync(slots: readonly Slot[]): void {
  const wanted = without(slots);
  runSync(
    wanted.map((slot) => slot.initial!),
    false,
    birthplace,
  );
  fill(wanted);
}

function fill(slots: readonly Slot[]): void {
  for (const slot of slots) {
    if (slot.native || !slot.initial) continue;
    const initial = bufferOf(slot.initial);
    slot.native = calling((addon) => new addon.NativeVariable(initial));
    slot.initial = null;
    versions.count++;
  }
}
