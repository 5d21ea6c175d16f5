import { wrapNative } from './errors.ts';
import { type NativePlan, native, type Operand } from './native.ts';
import { currentTrace, type TraceState, within } from './tensor/context.ts';
import { currentDevice, type DeviceName } from './tensor/device.ts';
import { write } from './tensor/graph.ts';
import type { Origin } from './tensor/origin.ts';
import { currentPrecision } from './tensor/precision.ts';
import { flush, initialise, realise } from './tensor/realise.ts';
import type { Tensor } from './tensor/tensor.ts';
import { bufferOf } from './tensor/values.ts';
import type { Variable } from './tensor/variable.ts';

export { withOrigin } from './tensor/origin.ts';

/** Runs functions symbolically. */
export const Trace = {
  /**
   * Runs `fn` and keeps what it assigns to variables: its reads see the assignments, the variables
   * stay as they are. Reading data inside throws.
   */
  run<T>(fn: () => T): { result: T; assigned: Map<Variable, Tensor> } {
    const state: TraceState = { reads: new Map(), overlay: new Map(), outer: currentTrace() };
    const result = within(state, fn);
    const assigned = new Map<Variable, Tensor>();
    for (const [slot, value] of state.overlay) assigned.set(slot.owner as Variable, value);
    return { result, assigned };
  },

  /** Runs `fn` as if nothing were traced, to make what outlives the trace. */
  outside<T>(fn: () => T): T {
    return within(null, fn);
  },

  /** Whether a function is being traced. */
  get active(): boolean {
    return currentTrace() !== null;
  },
};

/** A traced function as a plan. */
export interface CompiledFunction {
  readonly plan: NativePlan;
  /** For the leaves after the fed ones: variables and constants. */
  readonly operands: Operand[];
  /** The plan's nodes and leaves, for `wrapNative`. */
  readonly nodes: readonly { readonly name: string; readonly origin: Origin }[];
  readonly leaves: readonly string[];
  /** The variables that a run writes. */
  readonly assigned: readonly Variable[];
  /**
   * To be awaited before a run, or before an epoch of them: runs pending assignments, and gives
   * tensors that still need the old value of a variable their own copy.
   */
  ready(): Promise<void>;
}

/**
 * Runs what writes the variables of functions natively. Meanwhile a read of one of them takes its value at
 * once: the next step, which JavaScript does not see, may change it.
 */
export async function whileWritten<T>(functions: readonly CompiledFunction[], run: () => Promise<T> | T): Promise<T> {
  const slots = new Set(functions.flatMap(({ assigned }) => assigned.map(({ slot }) => slot)));
  for (const slot of slots) slot.writers++;
  try {
    await Promise.all(functions.map((fn) => fn.ready()));
    return await run();
  } finally {
    for (const slot of slots) slot.writers--;
  }
}

/** What {@link compileFunction} compiles; made inside one `Trace.run`. */
export interface FunctionOptions {
  /** Placeholders with concrete shapes: the fed leaves, in order. */
  inputs: readonly Tensor[];
  outputs: readonly Tensor[];
  /** What the run assigns, as `Trace.run` gave it. */
  assigned?: ReadonlyMap<Variable, Tensor> | undefined;
  /** A scalar: if it is not finite the run rejects and writes nothing. */
  guard?: Tensor | undefined;
  /** What the plan runs on; the current device if left out. */
  device?: DeviceName | undefined;
}

/**
 * Compiles a traced function. Variables that have no value yet get their first one; tensors from
 * outside the trace are computed once and become constants.
 */
export async function compileFunction(options: FunctionOptions): Promise<CompiledFunction> {
  const { inputs, assigned = new Map<Variable, Tensor>(), guard } = options;
  const outputs = options.outputs.map((t) => t.source());
  const assigns = [...assigned].map(([variable, value]) => [variable.slot, value.source()] as const);
  const request = { fed: inputs, outputs, assigns, guard: guard?.source(), capture: true };
  for (;;) {
    const program = write(request);
    if ('code' in program) {
      const { code, operands, nodes, leaves } = program;
      try {
        const plan = await native().compile(code, options.device ?? currentDevice(), currentPrecision());
        // Read once: to do so again in each run would take longer than a small network runs.
        const list = new (native().NativeOperands)(operands);
        const described = nodes.map(({ name, origin }) => ({ name, origin }));
        const slots = assigns.map(([slot]) => slot);
        const ready = async () => {
          await flush();
          for (const slot of slots) slot.retire();
        };
        return { plan, operands: [list], nodes: described, leaves, assigned: [...assigned.keys()], ready };
      } catch (error) {
        throw wrapNative(error, program);
      }
    }
    await Trace.outside(() => realise(program.tensors));
    for (const t of program.tensors) t.buffer ??= bufferOf(t);
    await initialise(program.slots);
  }
}
