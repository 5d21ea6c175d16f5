import { layers, metrics, registerSerializable, Sequential, type Tensor, tensor } from 'fovea';
import { expect, test } from 'vitest';
import { cases, numbers, options, type Recorded, restore } from '../layers/recordings.ts';

interface Case {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  autoName: string;
  updates: { yTrue: Recorded; yPred: Recorded; sampleWeight: Recorded | null; result: Recorded }[];
  afterReset: Recorded;
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** Keras's keyword arguments as ours: words of the aggregation are words here too. */
function given(recorded: Record<string, unknown>): Record<string, unknown> {
  const made = options(recorded);
  if (typeof made.classAggregation === 'string') made.classAggregation = camel(made.classAggregation);
  return made;
}

function made({ class: name, options: recorded }: Case): metrics.Metric {
  const Class = metrics[name as 'Mean'] as unknown as new (options: object) => metrics.Metric;
  return new Class(given(recorded));
}

/** Throws unless a result is the recorded one: NaN where that is. */
async function check(result: Tensor, recorded: Recorded): Promise<void> {
  expect(result.shape).toEqual(recorded.shape);
  const found = await result.data();
  for (const [index, wanted] of numbers(recorded).entries()) {
    if (Number.isNaN(wanted)) expect(found[index]).toBeNaN();
    else expect(Math.abs(found[index]! - wanted) / Math.max(1, Math.abs(wanted))).toBeLessThan(2e-6);
  }
}

const all = ['metrics_more', 'metrics_confusion'].flatMap((topic) => cases<Case>(topic));

test.each(all)('$name', async (recorded) => {
  const metric = made(recorded);
  expect(metric.name).toBe(recorded.autoName);
  for (const { yTrue, yPred, sampleWeight, result } of recorded.updates) {
    const weight = sampleWeight === null ? {} : { sampleWeight: restore(sampleWeight) };
    metric.updateState(restore(yTrue), restore(yPred), weight);
    await check(metric.result(), result);
  }
  metric.resetState();
  await check(metric.result(), recorded.afterReset);
});

test.each(all)('$name: the config makes an equal metric', (recorded) => {
  const metric = made(recorded);
  const again = metrics.get(metrics.serialize(metric));
  expect(again).toBeInstanceOf(metric.constructor);
  expect(again.getConfig()).toEqual(metric.getConfig());
  const known = metric.getConfig() as Record<string, unknown>;
  for (const [key, value] of Object.entries(given(recorded.config))) {
    expect([key, known[key] ?? null]).toEqual([key, value]);
  }
});

test('strings give the metrics that need no argument', () => {
  expect(metrics.get('auc')).toBeInstanceOf(metrics.AUC);
  expect(metrics.get('klDivergence')).toBeInstanceOf(metrics.KLDivergence);
  expect(metrics.get('f1Score')).toBeInstanceOf(metrics.F1Score);
  expect(metrics.get('mape')).toBeInstanceOf(metrics.MeanAbsolutePercentageError);
  expect(metrics.get('RootMeanSquaredError' as never)).toBeInstanceOf(metrics.RootMeanSquaredError);
});

test('a metric of labels and predictions runs in fit, state and all', async () => {
  const model = new Sequential([new layers.Dense(1, { activation: 'sigmoid', inputShape: [3] })]);
  const measured = [
    new metrics.AUC(),
    new metrics.Precision(),
    new metrics.BinaryIoU(),
    new metrics.F1Score('micro', 0.5),
  ];
  model.compile({ loss: 'binaryCrossentropy', metrics: [...measured, 'recall', 'hinge'] });
  const x = tensor([
    [1, 0, 2],
    [0, 1, 0],
    [2, 2, 1],
    [0, 0, 1],
    [1, 1, 1],
    [0, 2, 0],
  ]);
  const y = tensor([[1], [0], [1], [0], [1], [0]]);
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
  expect(Object.keys(history).sort()).toEqual(['auc', 'binaryIoU', 'f1Score', 'hinge', 'loss', 'precision', 'recall']);
  const { auc, f1Score } = await model.evaluate(x, y, { verbose: 0 });
  const predictions = await model.predict(x);
  expect(await new metrics.AUC()(y, predictions).item()).toBeCloseTo(auc!, 5);
  expect(await new metrics.F1Score('micro', 0.5)(y, predictions).item()).toBeCloseTo(f1Score as number, 5);
});

test('a subclass and a function are metrics, saved and made again', async () => {
  class Greatest extends metrics.Metric {
    readonly most = this.addVariable('most');
    override updateState(_yTrue: Tensor, yPred: Tensor): void {
      this.most.assign(this.most.maximum(yPred.max()));
    }
    override result(): Tensor {
      return this.most.value;
    }
  }
  registerSerializable(Greatest);
  const greatest = metrics.get(metrics.serialize(new Greatest({ name: 'peak' })));
  expect(greatest).toBeInstanceOf(Greatest);
  expect(greatest.name).toBe('peak');
  expect(await greatest(tensor([0]), tensor([3, 5])).item()).toBe(5);
  const far = (yTrue: Tensor, yPred: Tensor) => yTrue.sub(yPred).abs();
  const wrapped = new metrics.MeanMetricWrapper(far, 'far');
  const again = metrics.MeanMetricWrapper.fromConfig(wrapped.getConfig());
  expect(again.fn).toBe(far);
  expect(await again(tensor([1, 2]), tensor([2, 5])).item()).toBe(2);
});

test('IoU counts more than float32 could', async () => {
  const many = metrics.MeanIoU.fromConfig({ numClasses: 2 });
  const labels = tensor(Int32Array.from({ length: 200_000 }, (_, i) => i % 2));
  for (let i = 0; i < 2; i++) many.updateState(labels, labels);
  expect(await many.variables[0]!.array()).toEqual([
    [200_000, 0],
    [0, 200_000],
  ]);
  const weighted = new metrics.MeanIoU(2, { dtype: 'float32' });
  weighted.updateState([0, 1], [0, 1], { sampleWeight: [0.5, 0.25] });
  expect(await weighted.variables[0]!.array()).toEqual([
    [0.5, 0],
    [0, 0.25],
  ]);
});

test('wrong arguments say what was wanted', () => {
  expect(() => new metrics.Precision(1.5)).toThrow('Precision: thresholds must be numbers from 0 to 1; received 1.5.');
  expect(() => new metrics.AUC({ curve: 'roc_curve' as never })).toThrow("AUC: curve must be 'ROC', 'PR', 'PRGAIN'");
  expect(() => new metrics.AUC({ numThresholds: 1 })).toThrow('numThresholds must be a whole number of at least 2');
  expect(() => new metrics.AUC({ num_thresholds: 5 } as never)).toThrow("Did you mean 'numThresholds'?");
  expect(() => new metrics.IoU(2, [2])).toThrow('IoU: targetClassIds must be an array of whole numbers below 2');
  expect(() => new metrics.FBetaScore({ beta: 0 })).toThrow('FBetaScore: beta must be a number');
  expect(() => new metrics.PrecisionAtRecall(2)).toThrow('PrecisionAtRecall: recall must be a number from 0 to 1');
  expect(() => metrics.get('meanIoU' as never)).toThrow('numClasses must be a whole number');
  expect(() => new metrics.R2Score()([1, 2], [3, 4])).toThrow('r2Score: expected labels and predictions [batch, n]');
  expect(() => new metrics.Mean({ dtype: 'int32' })).toThrow("Mean: dtype must be 'float32'");
});
