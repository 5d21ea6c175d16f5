import {
  type Batch,
  callbacks,
  datasets,
  gradients,
  Input,
  layers,
  losses,
  type Model,
  metrics,
  optimizers,
  Sequential,
  type Tensor,
  utils,
} from 'fovea';
import { same } from './same.js';

export async function types(model: Sequential, several: Model<Tensor, [Tensor, Tensor]>, x: Tensor, y: Tensor) {
  model.compile({
    optimizer: 'adam',
    loss: new losses.SparseCategoricalCrossentropy({ fromLogits: true }),
    metrics: ['accuracy'],
  });
  model.compile({ optimizer: new optimizers.SGD(0.1, { momentum: 0.9 }), loss: 'mse', metrics: [new metrics.Mean()] });
  model.compile({ loss: (yTrue: Tensor, yPred: Tensor) => yTrue.sub(yPred).square().mean(-1) });
  model.compile({ loss: { digit: 'mse', even: 'mae' }, metrics: { digit: ['accuracy'] }, lossWeights: { even: 0.5 } });
  // @ts-expect-error no loss is called so
  model.compile({ loss: 'sparse_categorical_crossentropy' });
  // @ts-expect-error no optimizer is called so
  model.compile({ optimizer: 'adm' });

  const { train, test } = await datasets.mnist.load();
  const history = await model.fit(train, { batchSize: 64, epochs: 2, validationSplit: 0.2, validationData: test });
  const column: number[] = history.history.valAccuracy;
  // @ts-expect-error an unknown log may be missing
  const unknown: number[] = history.history.valDigitAccuracy;
  await model.fit(x, utils.toCategorical(y, 10), { verbose: 0, signal: new AbortController().signal });
  await model.fit([[1, 2]], [[1]]);
  await model.fit(() => [{ x, y }], { stepsPerEpoch: 3 });
  await model.fit({ x: { image: x }, y: [y, y], sampleWeight: y });
  // @ts-expect-error an unknown option, not labels
  await model.fit({ x, y }, { epoch: 2 });
  // @ts-expect-error an unknown option
  await model.fit(train, { epoch: 2 });

  const { loss, accuracy }: { loss: number; accuracy: number } = await model.evaluate(test);
  (await model.predict(x)).print();
  const [first, second] = await several.predict(x);
  model.optimizer.learningRate = 1e-4;
  return { column, unknown, loss, accuracy, shapes: [first.shape, second.shape] };
}

export async function logs(model: Sequential, x: Tensor, y: Tensor) {
  model.compile({ loss: 'mse', metrics: [new metrics.F1Score(), 'mae'], stepsPerExecution: 8 });
  const { history } = await model.fit(x, y, { validationData: [x] });
  same<typeof history.mae, number[] | undefined>(true);
  same<typeof history.valMae, number[] | undefined>(true);
  same<typeof history.digitAccuracy, number[] | undefined>(true);
  const scores: (number | readonly callbacks.LogValue[])[] | undefined = history.f1Score;
  // @ts-expect-error the scores of each class are no number
  const score: number | undefined = (await model.evaluate(x, y)).f1Score;
  // @ts-expect-error no number of steps
  model.compile({ stepsPerExecution: 'auto' });
  return { scores, score };
}

export const callback = {
  onEpochEnd(this: { model: Sequential }, epoch: number, logs: { loss: number }) {
    if (epoch > 2 && logs.loss < 0.1) this.model.stopTraining = true;
  },
};

export class Best extends callbacks.Callback {
  best = Number.POSITIVE_INFINITY;
  override async onEpochEnd(_epoch: number, logs: callbacks.Logs) {
    this.best = Math.min(this.best, logs.valLoss);
    this.model.stopTraining = this.best < 0.01;
  }
}

export class Net extends Sequential {
  override trainStep({ x, y, sampleWeight }: Batch) {
    const yPred = this(x, { training: true });
    const loss = this.computeLoss({ x, y, yPred, sampleWeight });
    const v = this.trainableVariables;
    this.optimizer.apply(gradients(loss, v), v);
    return this.computeMetrics({ x, y, yPred, sampleWeight });
  }
}

export const net = new Net([Input([4]), new layers.Dense(2)]);
