import { placeholder } from '../symbolic.ts';
import type { Tensor } from '../tensor.ts';
import { Trace } from '../trace.ts';
import type { Layer } from './layer.ts';
import { flatten, mapNest } from './nest.ts';
import type { CallOptions } from './options.ts';

/** One call of a layer on symbolic inputs: what a functional model replays. */
export interface LayerCall {
  readonly layer: Layer;
  /** The first argument, as it was passed. */
  readonly input: unknown;
  /** The options that were passed. */
  readonly options: CallOptions;
  /** The tensors of both. */
  readonly inputs: readonly Tensor[];
  /** What the call returned, with symbolic tensors. */
  readonly output: unknown;
  readonly outputs: readonly Tensor[];
}

/** Where a symbolic tensor comes from. */
export interface History {
  readonly call: LayerCall;
  /** Which of the call's outputs it is. */
  readonly index: number;
}

const histories = new WeakMap<Tensor, History>();
const functional = new WeakMap<Tensor, boolean>();

/** The layer call that made a tensor; nothing for the result of a bare op, and outside of models. */
export function historyOf(tensor: Tensor): History | undefined {
  return histories.get(tensor);
}

/** Notes a call, and that its outputs come from it. */
export function note(call: LayerCall): void {
  for (const [index, tensor] of call.outputs.entries()) histories.set(tensor, { call, index });
  call.layer.calls.push(call);
}

/** Whether a tensor leads to an `Input`, through layers or bare ops, so that calls on it are recorded. */
export function isFunctional(tensor: Tensor): boolean {
  if (!tensor.symbolic) return false;
  const pending = [tensor];
  while (pending.length > 0) {
    const top = pending.at(-1)!;
    const sources = top.node.inputs.filter((input) => input.symbolic);
    const unknown = histories.has(top) || functional.has(top) ? [] : sources.filter((input) => !functional.has(input));
    if (unknown.length > 0) {
      pending.push(...unknown);
      continue;
    }
    pending.pop();
    if (!functional.has(top)) functional.set(top, histories.has(top) || sources.some((input) => functional.get(input)));
  }
  return functional.get(tensor)!;
}

/**
 * Records a call of a layer. The layer runs once, on stand-ins and in a trace of its own: its output's
 * types count, but nothing that it does to variables.
 */
export function record(
  layer: Layer,
  input: unknown,
  options: CallOptions,
  run: (input: unknown, options: CallOptions) => unknown,
): unknown {
  const standIn = (nest: unknown) => mapNest(nest, ({ shape, dtype }) => placeholder(shape, dtype));
  const { result } = Trace.run(() => run(standIn(input), standIn(options) as CallOptions));
  const output = standIn(result);
  note({ layer, input, options, inputs: [...flatten(input), ...flatten(options)], output, outputs: flatten(output) });
  return output;
}
