import { badArgument, shown } from '../errors.ts';
import { converted } from '../layers/converted.ts';
import { upperFirst } from '../layers/naming.ts';
import { check, get } from '../metrics/get.ts';
import type { Metric, MetricLike } from '../metrics/index.ts';
import { isRecord } from '../options.ts';
import { isSerialized } from '../registry.ts';
import type { Tensor } from '../tensor.ts';
import { withOrigin } from '../trace.ts';
import { named, type Output, perOutput } from './outputs.ts';

/** The metrics of one output. */
type Some = MetricLike | readonly MetricLike[];

/** The metrics of a model: a list for its output, or lists in the outputs' order or by their names. */
export type ModelMetrics = readonly (Some | null)[] | { readonly [output: string]: Some | null };

interface Entry {
  readonly metric: Metric;
  readonly output: number;
  readonly weighted: boolean;
}

const isMetric = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'function' || isSerialized(value);

/** The metrics of a model's outputs. `accuracy` is chosen when the first batch shows the shapes. */
export class CompiledMetrics {
  readonly #plain: ModelMetrics;
  readonly #weighted: ModelMetrics;
  #entries: Map<string, Entry> | null = null;

  constructor(plain: ModelMetrics, weighted: ModelMetrics) {
    for (const [field, metrics] of Object.entries({ metrics: plain, weightedMetrics: weighted })) {
      if (!Array.isArray(metrics) && !isRecord(metrics))
        throw badArgument(
          'compile',
          `${field} must be an array such as ['accuracy'], or a record by output; received ${shown(metrics)}.`,
        );
      for (const metric of leaves(metrics)) check(metric);
    }
    this.#plain = plain;
    this.#weighted = weighted;
  }

  /** The metrics by the names of their logs; none before the first batch. */
  get metrics(): Map<string, Metric> {
    return new Map([...(this.#entries ?? [])].map(([key, { metric }]) => [key, metric]));
  }

  /** Takes a batch into every metric. */
  update(outputs: readonly Output[], y: unknown, sampleWeight: unknown): void {
    if (leaves(this.#plain).length + leaves(this.#weighted).length === 0 || y === undefined) return;
    const names = outputs.map(({ name }) => name);
    const labels = perOutput<Tensor>('y', y, names, false);
    const weights = perOutput<Tensor>('sampleWeight', sampleWeight, names, true);
    this.#entries ??= this.#build(outputs, labels);
    for (const [key, { metric, output, weighted }] of this.#entries) {
      const label = labels[output];
      if (label === undefined) continue;
      const options = weighted && weights[output] !== undefined ? { sampleWeight: weights[output] } : {};
      named(key, names.length > 1 ? names[output]! : null, () =>
        withOrigin(key, () => metric.updateState(label, inFloat32(outputs[output]!.tensor), options)),
      );
    }
  }

  #build(outputs: readonly Output[], labels: readonly (Tensor | undefined)[]): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const weighted of [false, true]) {
      const names = outputs.map(({ name }) => name);
      const lists = split(weighted ? this.#weighted : this.#plain, names, weighted ? 'weightedMetrics' : 'metrics');
      for (const [output, list] of lists.entries()) {
        const { name, tensor } = outputs[output]!;
        const yTrue = labels[output];
        for (const like of list) {
          if (yTrue === undefined) throw badArgument('metrics', `no labels for output '${name}'.`);
          const metric = get(like, { yTrue, yPred: tensor });
          const key = free(
            entries,
            outputs.length > 1 ? name : '',
            typeof like === 'string' ? like : metric.key,
            weighted,
          );
          entries.set(key, { metric, output, weighted });
        }
      }
    }
    return entries;
  }
}

/** Predictions of a model of mixed precision in the dtype that metrics count in. */
const inFloat32 = (x: Tensor): Tensor => (x.dtype === 'bfloat16' ? converted(x, 'float32') : x);

/** A log's name that no other has: `accuracy`, `digitAccuracy`, `weightedAccuracy`, `accuracy_1`. */
function free(taken: Map<string, unknown>, output: string, name: string, weighted: boolean): string {
  const full = (own: string) => (output === '' ? own : `${output}${upperFirst(own)}`);
  const usual = full(name);
  if (!taken.has(usual)) return usual;
  const base = weighted ? full(`weighted${upperFirst(name)}`) : usual;
  if (!taken.has(base)) return base;
  let number = 1;
  while (taken.has(`${base}_${number}`)) number++;
  return `${base}_${number}`;
}

function leaves(metrics: unknown): MetricLike[] {
  if (metrics === null || metrics === undefined) return [];
  if (isMetric(metrics)) return [metrics as MetricLike];
  if (Array.isArray(metrics)) return metrics.flatMap(leaves);
  if (isRecord(metrics)) return Object.values(metrics).flatMap(leaves);
  throw badArgument('compile', 'metrics must be names, functions or instances.');
}

/** The list of each output. */
function split(metrics: ModelMetrics, names: readonly string[], field: string): MetricLike[][] {
  if (names.length === 1 && Array.isArray(metrics)) return [leaves(metrics)];
  if (Array.isArray(metrics) && metrics.length === 0) return names.map(() => []);
  return perOutput<Some>(field, metrics, names, false).map(leaves);
}
