import { badArgument } from '../errors.ts';
import { type CallOptions, InputLayer, type Layer } from '../layers/index.ts';
import { flatten, mapNest } from '../layers/nest.ts';
import type { LayerCall } from '../layers/record.ts';
import type { Tensor } from '../tensor.ts';
import { sourceOf } from './op-layer.ts';

/** The layer calls between symbolic inputs and outputs: what a functional model is. */
export class Graph {
  readonly inputNest: unknown;
  readonly outputNest: unknown;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** By depth, the inputs first; layers of one depth as a walk from the outputs meets them. */
  readonly layers: readonly Layer[];
  /** In an order in which they can run. */
  readonly calls: readonly LayerCall[];
  /** Calls that are equally far from the outputs, the farthest first. */
  readonly levels: readonly (readonly LayerCall[])[];

  /** @throws FoveaError `BAD_ARGUMENT` if an output does not follow from the inputs, or two layers share a name */
  constructor(where: string, inputs: unknown, outputs: unknown) {
    this.inputNest = inputs;
    this.outputNest = outputs;
    this.inputs = flatten(inputs);
    this.outputs = flatten(outputs);
    for (const [what, tensors] of Object.entries({ inputs: this.inputs, outputs: this.outputs })) {
      if (tensors.length === 0)
        throw badArgument(where, `${what} must be a symbolic tensor, or arrays or records of them.`);
      const stray = tensors.find((tensor) => sourceOf(tensor) === undefined);
      if (stray !== undefined) throw badArgument(where, `${what} must lead to an Input; ${stray} does not.`);
    }
    const { calls, firstMet } = walk(this.inputs, this.outputs);
    const { callDepths, layerDepths } = depths(calls, this.inputs, firstMet);
    this.layers = byDepth(layerDepths).flatMap((layers) => layers.sort((a, b) => firstMet.get(a)! - firstMet.get(b)!));
    this.levels = byDepth(callDepths);
    this.calls = this.levels.flat();
    this.#checkConnected(where);
    this.#checkNames(where);
  }

  #checkConnected(where: string): void {
    const known = new Set(this.inputs);
    for (const { layer, inputs, outputs } of this.calls) {
      if (layer instanceof InputLayer || outputs.every((tensor) => known.has(tensor))) continue;
      const missing = inputs.find((tensor) => !known.has(tensor));
      if (missing !== undefined) {
        const origin = sourceOf(missing)!.call.layer;
        throw badArgument(
          where,
          `${layer} needs ${origin}, which is not among the inputs and does not follow from them.`,
        );
      }
      for (const tensor of outputs) known.add(tensor);
    }
  }

  #checkNames(where: string): void {
    const byName = new Map<string, Layer>();
    for (const layer of this.layers) {
      const other = byName.get(layer.name);
      if (other !== undefined) {
        throw badArgument(where, `${other} and ${layer} have one name. Give one of them another: { name: '…' }.`);
      }
      byName.set(layer.name, layer);
    }
  }

  /** Whether a call belongs to the model. */
  has(call: LayerCall): boolean {
    return this.calls.includes(call);
  }

  /** Replays the calls on real inputs, flat and in the order of `inputs`; the result is nested as the outputs. */
  run(inputs: readonly Tensor[]): unknown {
    const values = new Map(this.inputs.map((tensor, index) => [tensor, inputs[index]!]));
    for (const { layer, input, options, inputs: needed, outputs } of this.calls) {
      if (layer instanceof InputLayer || outputs.every((tensor) => values.has(tensor))) continue;
      if (!needed.every((tensor) => values.has(tensor))) continue;
      const real = (nest: unknown) => mapNest(nest, (tensor) => values.get(tensor) ?? tensor);
      const results = flatten(layer(real(input), real(options) as CallOptions));
      for (const [index, tensor] of outputs.entries()) values.set(tensor, results[index]!);
    }
    return mapNest(this.outputNest, (tensor) => values.get(tensor)!);
  }
}

/** The calls that lead to the outputs, each after those it needs, and when each layer was first met. */
function walk(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): { calls: LayerCall[]; firstMet: Map<Layer, number> } {
  const given = new Set(inputs);
  const calls: LayerCall[] = [];
  const firstMet = new Map<Layer, number>();
  const entered = new Set<LayerCall>();
  const stack: { call: LayerCall; next: number }[] = [];
  const enter = (tensor: Tensor): void => {
    const call = sourceOf(tensor)?.call;
    if (call === undefined || entered.has(call)) return;
    entered.add(call);
    if (given.has(tensor) && !(call.layer instanceof InputLayer)) return;
    if (!firstMet.has(call.layer)) firstMet.set(call.layer, firstMet.size);
    stack.push({ call, next: 0 });
  };
  for (const output of outputs) {
    enter(output);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.call.inputs[top.next++];
      if (input !== undefined) enter(input);
      else calls.push(stack.pop()!.call);
    }
  }
  return { calls, firstMet };
}

/** How many calls lie between each call, each layer, and the outputs: the longest way counts. */
function depths(calls: readonly LayerCall[], inputs: readonly Tensor[], firstMet: Map<Layer, number>) {
  const member = new Set(calls);
  const callDepths = new Map<LayerCall, number>();
  const layerDepths = new Map<Layer, number>();
  for (const call of calls.toReversed()) {
    const depth = Math.max(callDepths.get(call) ?? 0, layerDepths.get(call.layer) ?? 0);
    callDepths.set(call, depth);
    layerDepths.set(call.layer, depth);
    for (const input of call.inputs) {
      const parent = sourceOf(input)!.call;
      if (member.has(parent)) callDepths.set(parent, Math.max(depth + 1, callDepths.get(parent) ?? 0));
    }
  }
  for (const input of inputs) {
    // An input that no output needs is a layer all the same.
    const { call } = sourceOf(input)!;
    if (!(call.layer instanceof InputLayer) || layerDepths.has(call.layer)) continue;
    layerDepths.set(call.layer, 0);
    callDepths.set(call, 0);
    firstMet.set(call.layer, -1);
  }
  return { callDepths, layerDepths };
}

/** The keys of a map in groups of one depth, the greatest first. */
function byDepth<T>(depths: Map<T, number>): T[][] {
  const groups = new Map<number, T[]>();
  for (const [key, depth] of depths) groups.set(depth, [...(groups.get(depth) ?? []), key]);
  return [...groups].sort(([a], [b]) => b - a).map(([, keys]) => keys);
}
