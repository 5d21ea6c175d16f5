import { FoveaError, wrapNative } from '../errors.ts';
import { calling, type NativeBuffer, type NativePlan, native } from '../native.ts';
import { checkNotTraced } from './context.ts';
import { currentDevice, type DeviceName } from './device.ts';
import { type Missing, type Program, write } from './graph.ts';
import { released } from './node.ts';
import { currentPrecision } from './precision.ts';
import { pendingSlots, type Slot, versions } from './slot.ts';
import { runSoon } from './soon.ts';
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
  return queued(() => run({ targets, pending: true }, device ?? currentDevice()));
}

/** Runs the pending assignments. */
export async function flush(): Promise<void> {
  if (pendingSlots.size) await queued(() => run({ pending: true }, currentDevice()));
}

/** Gives variables their first values, in one plan. */
export async function initialise(slots: readonly Slot[]): Promise<void> {
  await queued(() => first(slots));
}

/** As `realise`, but JavaScript waits. */
export function realiseSync(targets: readonly Tensor[]): void {
  check(targets);
  if (targets.some((t) => !t.buffer && t.number === null)) runSync({ targets, pending: true }, currentDevice());
}

/** As `flush`, but JavaScript waits. */
export function flushSync(): void {
  if (pendingSlots.size) runSync({ pending: true }, currentDevice());
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

/** What a run is asked for. */
interface Wish {
  /** Tensors to be computed. */
  readonly targets?: readonly Tensor[];
  /** Whether the pending assignments run with them. */
  readonly pending?: boolean;
  /** Variables whose first values are to be computed. */
  readonly firsts?: readonly Slot[];
}

/** What one run does: its graph, and what follows from its outputs. */
interface Job extends Program {
  readonly outputs: readonly Tensor[];
  readonly assigns: readonly (readonly [Slot, Tensor])[];
  /** Assignments to variables that never had a value: their outputs become the slots' first. */
  readonly births: readonly (readonly [Slot, Tensor])[];
  /** The slots that the last outputs are the first values of. */
  readonly firsts: readonly Slot[];
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

/** The job for a wish, what is missing for it, or `null` if there is nothing to do. */
function prepare(wish: Wish): Job | Missing | null {
  const pending = wish.pending ? [...pendingSlots].map((slot) => [slot, slot.pending!] as const) : [];
  const outputs = (wish.targets ?? []).filter((t) => unrealised(t) && !pending.some(([, read]) => read === t));
  const firsts = without(wish.firsts ?? []).filter((slot) => unrealised(slot.initial!));
  if (!outputs.length && !pending.length && !firsts.length) return null;
  // Where somebody still holds a read of the first value, that one has to be computed after all.
  const births = pending.filter(([slot]) => !slot.native && !slot.settled);
  const assigns = pending.filter((entry) => !births.includes(entry));
  const values = [...births.map(([, read]) => read), ...firsts.map((slot) => slot.initial!)];
  const program = write({ outputs: [...outputs, ...values], assigns });
  return 'code' in program ? { ...program, outputs, assigns, births, firsts } : program;
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

function finish({ outputs, assigns, births, firsts }: Job, buffers: NativeBuffer[]): void {
  outputs.forEach((t, i) => {
    t.buffer = buffers[i]!;
    t.depth = 0;
    if (!t.tracked && t.node.outputs.every((o) => o.buffer)) t.node.inputs = released;
  });
  births.forEach(([slot, read], i) => {
    const buffer = buffers[outputs.length + i]!;
    born(slot, buffer, read);
  });
  firsts.forEach((slot, i) => {
    begin(slot, buffers[outputs.length + births.length + i]!);
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
  begin(slot, buffer);
  slot.settled = read;
  slot.pending = null;
  pendingSlots.delete(slot);
}

/**
 * Makes a buffer that nobody else has the first value of a slot, if it has none yet. The handle is let go of at once:
 * as long as it waited to be collected, the slot's first write would take another buffer beside this one.
 */
function begin(slot: Slot, buffer: NativeBuffer): void {
  if (!slot.native && slot.initial) hold(slot, buffer);
  buffer.dispose();
}

function hold(slot: Slot, buffer: NativeBuffer): void {
  slot.native = calling((addon) => new addon.NativeVariable(buffer));
  slot.initial = null;
  versions.count++;
}

async function run(wish: Wish, device: DeviceName): Promise<void> {
  for (;;) {
    const job = prepare(wish);
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
      finish(job, await ran(plan, job));
      return;
    } catch (error) {
      revoke(job);
      throw wrapNative(error, job);
    }
  }
}

async function ran(plan: NativePlan, { operands }: Job): Promise<NativeBuffer[]> {
  running++;
  try {
    return await runSoon(plan, operands);
  } finally {
    running--;
  }
}

function runSync(wish: Wish, device: DeviceName): void {
  for (;;) {
    const job = prepare(wish);
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

async function first(firsts: readonly Slot[]): Promise<void> {
  await run({ firsts }, birthplace);
  fill(firsts);
}

function firstSync(firsts: readonly Slot[]): void {
  runSync({ firsts }, birthplace);
  fill(firsts);
}

/** The other first values were there already, and are shared with the tensors that hold them. */
function fill(slots: readonly Slot[]): void {
  for (const slot of without(slots)) hold(slot, bufferOf(slot.initial!));
}
