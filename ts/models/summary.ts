import { dtypeSize } from '../generated/dtypes.ts';
import type { Layer } from '../layers/index.ts';
import type { LayerCall } from '../layers/record.ts';
import { unknownOption } from '../options.ts';
import type { Shape, Variable } from '../tensor.ts';
import type { Graph } from './graph.ts';
import { sourceOf } from './op-layer.ts';
import { type Column, drawTable } from './table.ts';

/** Options of `model.summary`. */
export interface SummaryOptions {
  /** Width of the table; what the terminal has, at most 88 (108 with connections), if left out. */
  lineLength?: number | undefined;
  /** Gets the whole text; `console.log` if left out. */
  printFn?: ((text: string) => void) | undefined;
  /** Shows the layers of models inside the model. */
  expandNested?: boolean | undefined;
  /** Shows which layers are trainable. */
  showTrainable?: boolean | undefined;
}

/** What a summary reads of a model. */
export interface SummaryModel {
  readonly name: string;
  readonly layers: Layer[];
  readonly graph: Graph | null;
  readonly trainableVariables: Variable[];
  readonly weights: Variable[];
  /** Whether there is an optimizer. */
  readonly compiled: boolean;
  readonly optimizer?: { readonly variables: readonly Variable[]; readonly built?: boolean } | null | undefined;
}

/** Prints a model's layers and numbers of weights as Keras does. */
export function printSummary(model: SummaryModel, options: SummaryOptions): void {
  unknownOption('summary', options, ['lineLength', 'printFn', 'expandNested', 'showTrainable']);
  const print = options.printFn ?? ((text: string) => console.log(text));
  print([`Model: "${model.name}"`, ...table(model, options), ...totals(model), ''].join('\n'));
}

function table(model: SummaryModel, options: SummaryOptions): string[] {
  const graph = isStack(model) ? null : model.graph;
  const showTrainable = options.showTrainable ?? false;
  const titles = ['Layer (type)', 'Output Shape', 'Param #', ...(graph ? ['Connected to'] : [])];
  const plain = graph ? [0.3, 0.56, 0.74, 1] : [0.45, 0.8, 1];
  const positions = showTrainable ? [...plain.map((position) => position * 0.9), 1] : plain;
  const usual = (graph ? 108 : 88) + (showTrainable ? 12 : 0);
  const width = options.lineLength ?? Math.min(usual, terminalWidth() - 4);
  const ends = positions.map((position) => Math.floor(position * width));
  const columns = [...titles, ...(showTrainable ? ['Trainable'] : [])].map(
    (title, index): Column => ({
      title,
      width: ends[index]! - (ends[index - 1] ?? 0),
      align: title === 'Param #' ? 'right' : title === 'Trainable' ? 'center' : 'left',
    }),
  );
  const row = (layer: Layer, prefix: string): string[] => [
    `${prefix}${layer.name} (${layer.typeName})`,
    showOutput(layer),
    layer.built ? layer.countParams().toLocaleString('en-US') : '0 (unbuilt)',
    ...(graph ? [connections(layer, graph)] : []),
    ...(showTrainable ? [layer.weights.length === 0 ? '-' : layer.trainable ? 'Y' : 'N'] : []),
  ];
  const rows = (layer: Layer, level: number): string[][] => {
    const inner = options.expandNested && 'layers' in layer ? (layer.layers as Layer[]) : [];
    const prefix = level === 0 ? '' : `${'   '.repeat(level)}└ `;
    return [row(layer, prefix), ...inner.flatMap((part) => rows(part, level + 1))];
  };
  return drawTable(
    columns,
    model.layers.flatMap((layer) => rows(layer, 0)),
    width,
  );
}

/** Whether each layer only leads to the next, so that connections need not be shown. */
function isStack({ graph, layers }: SummaryModel): boolean {
  if (graph === null) return true;
  const single = graph.levels.every((calls) => calls.length === 1 && calls[0]!.inputs.length <= 1);
  return single && layers.every((layer) => layer.calls.filter((call) => graph.has(call)).length <= 1);
}

const terminalWidth = (): number => Number(process.env.COLUMNS) || process.stdout.columns || 80;

function connections(layer: Layer, graph: Graph): string {
  const places = (call: LayerCall) =>
    call.inputs.map((tensor) => {
      const { call: from, index } = sourceOf(tensor)!;
      return `${from.layer.name}[${from.layer.calls.indexOf(from)}][${index}]`;
    });
  return (
    layer.calls
      .filter((call) => graph.has(call))
      .flatMap(places)
      .join(', ') || '-'
  );
}

function showOutput(layer: Layer): string {
  const shape = layer.knownOutputShape;
  return shape === null ? '?' : showShapes(shape);
}

function showShapes(shapes: unknown): string {
  if (!Array.isArray(shapes)) {
    const parts = Object.entries(shapes as object).map(([name, part]) => `${name}: ${showShapes(part)}`);
    return `{${parts.join(', ')}}`;
  }
  if (!shapes.every((side) => side === null || typeof side === 'number')) {
    return shapes.length === 1 ? showShapes(shapes[0]) : `[${shapes.map(showShapes).join(', ')}]`;
  }
  const sides = (shapes as Shape).map((side) => side ?? 'None');
  return `(${sides.join(', ')})`;
}

function totals(model: SummaryModel): string[] {
  const trainable = new Set(model.trainableVariables);
  const parts = {
    Trainable: measure([...trainable]),
    'Non-trainable': measure(model.weights.filter((weight) => !trainable.has(weight))),
    ...(model.compiled && model.optimizer?.built && { Optimizer: measure(model.optimizer.variables) }),
  };
  const total = Object.values(parts).reduce((sum, { count, bytes }) => ({
    count: sum.count + count,
    bytes: sum.bytes + bytes,
  }));
  const line = (name: string, { count, bytes }: typeof total) =>
    ` ${name} params: ${count.toLocaleString('en-US')} (${readable(bytes)})`;
  return [line('Total', total), ...Object.entries(parts).map(([name, part]) => line(name, part))];
}

function measure(variables: readonly Variable[]): { count: number; bytes: number } {
  const count = variables.reduce((sum, variable) => sum + variable.size, 0);
  const bytes = variables.reduce((sum, variable) => sum + variable.size * dtypeSize[variable.dtype], 0);
  return { count, bytes };
}

function readable(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(2)} ${units[unit]}`;
}
