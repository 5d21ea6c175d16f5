import { badArgument } from '../errors.ts';
import type { CallOptions, Layer } from '../layers/index.ts';
import { mapNest } from '../layers/nest.ts';
import type { LayerCall } from '../layers/record.ts';
import { isRecord } from '../options.ts';
import { type CustomObjects, deserialize, isSerialized, type Serialized, serialize } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import type { Graph } from './graph.ts';
import { sourceOf } from './op-layer.ts';

/** A tensor of a config: the layer that made it, in which of its calls, as which output. */
type Place = [layer: string, call: number, output: number];

/** One call of a layer: its input with places for tensors, and its options. */
interface CallConfig {
  args: [unknown];
  kwargs: CallOptions;
}

/** A layer with its calls. */
interface LayerConfig extends Serialized {
  name: string;
  inboundNodes: CallConfig[];
}

/** What a functional model's config holds besides name and `trainable`. */
export interface FunctionalConfig {
  layers: LayerConfig[];
  /** Nested as the inputs are. */
  inputLayers: unknown;
  outputLayers: unknown;
}

/** The config of a graph. */
export function functionalConfig(graph: Graph): FunctionalConfig {
  const callsOf = (layer: Layer): LayerCall[] => layer.calls.filter((call) => graph.has(call));
  const place = (tensor: Tensor): Place => {
    const { call, index } = sourceOf(tensor)!;
    return [call.layer.name, callsOf(call.layer).indexOf(call), index];
  };
  const symbol = (tensor: Tensor): Serialized => ({
    className: 'KerasTensor',
    config: { shape: tensor.shape, dtype: tensor.dtype, kerasHistory: place(tensor) },
  });
  return {
    layers: graph.layers.map((layer) => ({
      ...serialize(layer),
      name: layer.name,
      inboundNodes: callsOf(layer)
        .filter((call) => call.inputs.length > 0)
        .map(({ input, options }) => ({
          args: [mapNest(input, symbol)],
          kwargs: mapNest(options, symbol) as CallOptions,
        })),
    })),
    inputLayers: mapNest(graph.inputNest, place),
    outputLayers: mapNest(graph.outputNest, place),
  };
}

/** Makes the layers of a config and calls them; gives the symbolic inputs and outputs. */
export function graphFromConfig(
  config: FunctionalConfig,
  customObjects?: CustomObjects,
): { inputs: unknown; outputs: unknown } {
  const made = new Map<string, { layer: Layer; first: number; pending: CallConfig[] }>();
  for (const data of config.layers) {
    const layer = deserialize<Layer>(data, customObjects);
    // A model as a layer has calls of its own; those of this config come after them.
    made.set(data.name, { layer, first: layer.calls.length, pending: [...data.inboundNodes] });
  }
  const find = ([name, call, output]: Place): Tensor | undefined => {
    const entry = made.get(name);
    const index = call + (isInputOnly(entry?.layer) ? 0 : (entry?.first ?? 0));
    return entry?.layer.calls[index]?.outputs[output];
  };
  for (let progress = true; progress; ) {
    progress = false;
    for (const { layer, pending } of made.values()) {
      for (let next = pending[0]; next !== undefined && ready([next.args[0], next.kwargs], find); next = pending[0]) {
        layer(resolve(next.args[0], find), resolve(next.kwargs, find) as CallOptions);
        pending.shift();
        progress = true;
      }
    }
  }
  const stuck = [...made.values()].find(({ pending }) => pending.length > 0);
  if (stuck !== undefined) {
    throw badArgument('fromConfig', `${stuck.layer} is called on tensors that nothing in the config makes.`);
  }
  const tensors = (nest: unknown): unknown => {
    if (isPlace(nest)) return find(nest);
    if (Array.isArray(nest)) return nest.map(tensors);
    return Object.fromEntries(Object.entries(nest as object).map(([name, part]) => [name, tensors(part)]));
  };
  return { inputs: tensors(config.inputLayers), outputs: tensors(config.outputLayers) };
}

/** Whether a layer made its only tensor when it was made. */
const isInputOnly = (layer: Layer | undefined): boolean => layer?.calls[0]?.inputs.length === 0;

const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) && value.length === 3 && typeof value[0] === 'string' && typeof value[1] === 'number';

const isSymbol = (value: unknown): value is { config: { kerasHistory: Place } } =>
  isSerialized(value) && value.className === 'KerasTensor';

type Find = (place: Place) => Tensor | undefined;

function ready(argument: unknown, find: Find): boolean {
  if (isSymbol(argument)) return find(argument.config.kerasHistory) !== undefined;
  if (Array.isArray(argument)) return argument.every((part) => ready(part, find));
  return isRecord(argument) ? Object.values(argument).every((part) => ready(part, find)) : true;
}

function resolve(argument: unknown, find: Find): unknown {
  if (isSymbol(argument)) return find(argument.config.kerasHistory);
  if (Array.isArray(argument)) return argument.map((part) => resolve(part, find));
  if (!isRecord(argument)) return argument;
  return Object.fromEntries(Object.entries(argument).map(([name, part]) => [name, resolve(part, find)]));
}
