import { badArgument } from '../errors.ts';
import { converted } from '../layers/converted.ts';
import type { Metric } from '../metrics/index.ts';
import { add, sum } from '../ops/index.ts';
import { gradients, type Tensor } from '../tensor.ts';
import type { Batch } from './batch.ts';
import { outputsOf } from './outputs.ts';
import type { Trainer } from './trainer.ts';

/** What a loss and metrics are computed from. */
export interface Outcome extends Batch {
  // biome-ignore lint/suspicious/noExplicitAny: nested as the model's output is
  yPred: any;
}

/** One step of training: the default of `trainStep`. */
export function trainStep(model: Trainer, { x, y, sampleWeight }: Batch): Record<string, Tensor> {
  const yPred = model(x, { training: true });
  const loss = model.computeLoss({ x, y, yPred, sampleWeight });
  const variables = model.trainableVariables;
  model.optimizer.apply(gradients(loss, variables), variables);
  return model.computeMetrics({ x, y, yPred, sampleWeight });
}

/** One step of evaluation: the default of `testStep`. */
export function testStep(model: Trainer, { x, y, sampleWeight }: Batch): Record<string, Tensor> {
  const yPred = model(x, { training: false });
  model.computeLoss({ x, y, yPred, sampleWeight });
  return model.computeMetrics({ x, y, yPred, sampleWeight });
}

/** The weighted loss of all outputs and the penalties of layers: the default of `computeLoss`. */
export function computeLoss(model: Trainer, { y, yPred, sampleWeight }: Outcome): Tensor {
  const compiled = model.training.require('computeLoss');
  const { loss } = compiled;
  const outputs = outputsOf(yPred, model.outputNames);
  const penalties = model.losses.map((penalty) => converted(penalty.rank === 0 ? penalty : sum(penalty), 'float32'));
  const terms = loss === null ? penalties : [loss.compute(outputs, y, sampleWeight), ...penalties];
  if (terms.length === 0)
    throw badArgument('compile', `${model} has no loss: compile({ loss: … }), or write a trainStep of your own.`);
  const total = terms.reduce((a, b) => add(a, b));
  model.training.guard = total.rank === 0 ? total : sum(total);
  compiled.total().updateState(total, { sampleWeight: outputs[0]!.tensor.dim(0) });
  return total;
}

/** Takes a batch into the metrics and gives all results so far: the default of `computeMetrics`. */
export function computeMetrics(model: Trainer, { y, yPred, sampleWeight }: Outcome): Record<string, Tensor> {
  const { metrics } = model.training.require('computeMetrics');
  metrics.update(outputsOf(yPred, model.outputNames), y, sampleWeight);
  return results(model.metricsByName);
}

/** The results of metrics by the names of their logs. */
export function results(metrics: ReadonlyMap<string, Metric>): Record<string, Tensor> {
  return Object.fromEntries([...metrics].map(([key, metric]) => [key, metric.result()]));
}
