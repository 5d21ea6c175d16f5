import type { NativeBuffer, NativePlan, Operand } from '../native.ts';

/** Milliseconds for which brief runs may go on at once before events get their turn. */
const PATIENCE = 1;

/** When the first of them began in this turn of the event loop. */
let began: number | null = null;

const patient = (now: number): boolean => began === null || now - began < PATIENCE;

/**
 * Runs a plan on the compute thread, or on this one if that takes no longer than to hand it over and to hear of it. A
 * loop that awaits one prediction after the other must not keep events waiting, though, so this happens for a
 * millisecond at a time.
 */
export function runSoon(plan: NativePlan, operands: Operand[]): Promise<NativeBuffer[]> | NativeBuffer[] {
  const now = performance.now();
  const outputs = patient(now) ? plan.runAtOnce(operands) : null;
  if (began === null && outputs !== null) {
    began = now;
    setImmediate(() => {
      began = null;
    });
  }
  return outputs ?? plan.run(operands);
}

/**
 * Gives events their turn if brief runs have kept them waiting for long enough. Who awaits this before a run may have it
 * at once again, instead of waking the compute thread; what was asked for in the meantime comes before it.
 */
export async function eventsFirst(): Promise<void> {
  if (!patient(performance.now())) await new Promise<void>((go) => setImmediate(go));
}
