import { FoveaError, type GraphOrigin, wrapNative } from '../errors.ts';
import type { Layer } from '../layers/index.ts';
import { flatten, mapNest } from '../layers/nest.ts';
import { placeholder } from '../symbolic.ts';
import type { DeviceName, Tensor, Variable } from '../tensor.ts';
import { type CompiledFunction, compileFunction, Trace } from '../trace.ts';
import type { Batch } from './batch.ts';
import { type LogType, logTypes, scalarsOf, sortedLogs } from './logs.ts';
import type { Trainer } from './trainer.ts';

/** What a step does with a batch. */
export type Kind = 'train' | 'test' | 'predict';

/** A step as a plan. */
export interface Step {
  readonly fn: CompiledFunction;
  /** The logs whose single numbers are the plan's outputs. */
  readonly logs: readonly LogType[];
  /** What a prediction returns, with a symbolic tensor for each of the plan's outputs. */
  readonly structure: unknown;
}

/** Where an evaluation keeps its metrics, so that those of a training under way stay as they are. */
export type Shadows = ReadonlyMap<Variable, Variable>;

/** Placeholders for a batch like one, with the names of its parts: `x`, or `x[1]` where there are several. */
function standIns(like: Batch): Batch {
  const fields = Object.entries(like).map(([field, nest]) => {
    const several = flatten(nest).length > 1;
    let index = 0;
    const make = ({ shape, dtype }: Tensor) => placeholder(shape, dtype, several ? `${field}[${index++}]` : field);
    return [field, mapNest(nest, make)];
  });
  return Object.fromEntries(fields) as Batch;
}

/** Compiles a step for batches like one. */
export async function traceStep(
  model: Trainer,
  kind: Kind,
  like: Batch,
  device: DeviceName,
  shadows?: Shadows,
): Promise<Step> {
  const batch = standIns(like);
  const inputs = flatten(batch);
  model.training.guard = null;
  const { result, assigned } = Trace.run(() => {
    if (kind === 'predict') return model.predictStep(batch);
    if (kind === 'train') return model.trainStep(batch);
    return shadows === undefined ? model.testStep(batch) : withShadows(shadows, () => model.testStep(batch));
  });
  for (const variable of shadows?.keys() ?? []) assigned.delete(variable);
  if (kind === 'predict') {
    const outputs = flatten(result);
    return { fn: await compileFunction({ inputs, outputs, assigned, device }), logs: [], structure: result };
  }
  const logs = sortedLogs(model, kind, result);
  const guard = model.training.guard ?? logs.find(([key]) => key === 'loss')?.[1];
  const fn = await compileFunction({ inputs, outputs: scalarsOf(logs), assigned, guard, device });
  return { fn, logs: logTypes(logs), structure: null };
}

/** Runs a test step on stand-ins and forgets it: metrics choose themselves by the shapes, weights are made. */
export function rehearse(model: Trainer, like: Batch): void {
  const batch = standIns(like);
  Trace.run(() => model.testStep(batch));
}

/** Runs a step that finds in the metrics what the shadows hold, and leaves there what it makes of it. */
function withShadows<T>(shadows: Shadows, step: () => T): T {
  for (const [variable, shadow] of shadows) variable.assign(shadow.value);
  const result = step();
  for (const [variable, shadow] of shadows) shadow.assign(variable.value);
  return result;
}

/** What went wrong in a step, with the layer it happened in and what to do. */
export function stepFailure(model: Trainer, fn: CompiledFunction, error: unknown, where: string): FoveaError {
  const failure = wrapNative(error, explained(model, fn), where);
  if (failure.code !== 'NOT_FINITE') return failure;
  const sentence = `${failure.message.replace(/\.$/, '')}. The weights are those before the step.`;
  const hint = / variable "/.test(failure.message)
    ? 'Begin with finite weights: setWeights, or a new model.'
    : 'A smaller learning rate or clipnorm may help, or data brought to a range such as 0 to 1.';
  return new FoveaError(failure.code, `${sentence} ${hint}`, failure.where, { cause: error });
}

/** Where the nodes of a step come from, with layers as messages show them: `Conv2D "conv2d_1"` for `model/conv2d_1`. */
function explained(model: Trainer, { nodes, leaves }: CompiledFunction): GraphOrigin {
  const layers = new Map<string, Layer>();
  const visit = (layer: Layer): void => {
    if (layers.has(layer.name)) return;
    layers.set(layer.name, layer);
    for (const inner of layer.sublayers) visit(inner);
  };
  visit(model);
  const named = nodes.map(({ name, origin }) => {
    const layer = layers.get(origin.path.split('/').at(-1) ?? '');
    return { name, origin: layer === undefined ? origin : { path: String(layer), line: '' } };
  });
  return { nodes: named, leaves };
}
