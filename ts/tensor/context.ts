import { FoveaError } from '../errors.ts';
import type { Slot } from './slot.ts';
import type { Tensor } from './tensor.ts';
import type { DType } from './types.ts';

/** What a function does to variables while it is traced. */
export interface TraceState {
  /** The reads of values from before the trace. */
  readonly reads: Map<Slot, Tensor>;
  /** What was assigned: the newest value of each variable, as a read of it. */
  readonly overlay: Map<Slot, Tensor>;
  readonly outer: TraceState | null;
}

let current: TraceState | null = null;

/** What float variables are cast to where they are read: nothing outside of layers of mixed precision. */
let autocast: DType | null = null;

/** What float variables are read as now; `null` as they are. */
export function currentAutocast(): DType | null {
  return autocast;
}

/** Runs `fn` with float variables read as a dtype; with `null` as they are. */
export function autocasting<T>(dtype: DType | null, fn: () => T): T {
  const outer = autocast;
  autocast = dtype;
  try {
    return fn();
  } finally {
    autocast = outer;
  }
}

/** The trace that runs now, or `null`. */
export function currentTrace(): TraceState | null {
  return current;
}

/** Runs `fn` inside `trace`; with `null`, as if nothing were traced (for first values of variables). */
export function within<T>(trace: TraceState | null, fn: () => T): T {
  const outer = current;
  current = trace;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** Throws if a function is being traced: there are no values then. */
export function checkNotTraced(): void {
  if (current)
    throw new FoveaError(
      'UNSUPPORTED',
      'The data of a tensor cannot be read here: this function is traced once and compiled. ' +
        'Use ops and `where` instead of JavaScript numbers and `if`, or compile({ runEagerly: true }).',
    );
}
