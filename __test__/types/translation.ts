// From Keras to TypeScript: positional arguments, options, words, and what the messages are made of.
import {
  callbacks,
  Input,
  initializers,
  layers,
  losses,
  type Model,
  metrics,
  ops,
  optimizers,
  regularizers,
  Sequential,
  type Tensor,
  tensor,
  utils,
} from 'fovea';
import { Conv2D, Dense } from 'fovea/layers';
import { same } from './same.js';

// Any leading run of Keras's positional parameters, then one options object; or the options alone.
new Conv2D(32, [3, 3], { activation: 'relu' });
new Conv2D(32, 3, 2, 'same', { useBias: false });
new Conv2D(32, 3, [2, 2], 'same');
new Conv2D({ filters: 32, kernelSize: [3, 3] });
const sides = [3, 3] as const;
new Conv2D(32, sides);
new Dense(10, 'softmax');
new layers.MaxPooling2D([2, 2], 2, 'valid', { name: 'pool' });
new layers.AveragePooling2D({ poolSize: 3, strides: null });
new layers.GlobalMaxPooling2D({ keepdims: true });
new layers.Reshape([7, 7, -1]);
new layers.ZeroPadding2D([
  [1, 0],
  [0, 1],
]);
new layers.BatchNormalization({ movingMeanInitializer: 'zeros', momentum: 0.9 });
new layers.Concatenate(-1);
new layers.ReLU(6);
new layers.Softmax([1, 2]);
new layers.Activation('leakyRelu');
new optimizers.Adam(1e-4);
new optimizers.AdamW(1e-3, 0.01, { clipnorm: 1 });
new optimizers.SGD((step) => step.add(1).reciprocal(), { momentum: 0.9 });
new optimizers.RMSprop({ learningRate: 1e-3, centered: true });
new callbacks.EarlyStopping('valLoss', 0, 3);
new callbacks.EarlyStopping({ patience: 3, restoreBestWeights: true });
// @ts-expect-error no such activation
new Dense(10, 'sofmax');
// @ts-expect-error an option is given by its name
new Conv2D(32, 3, 1, 'same', 'relu');
// @ts-expect-error options come last
new Conv2D({ filters: 32 }, 3, 1, 3);

// An instance can be called; `new` in between as well.
const image = Input([28, 28, 1]);
same<ReturnType<Conv2D['call']>, Tensor>(true);
const called = new Dense(10)(image);
same<typeof called, Tensor>(true);
// @ts-expect-error numbers are no tensor
new Dense(10)([1, 2]);

// Strings and instances are interchangeable, and strings are of a fixed vocabulary.
new Dense(10, { kernelInitializer: 'heNormal', kernelRegularizer: 'l2', activation: 'softmax' });
new Dense(10, {
  kernelInitializer: new initializers.HeNormal({ seed: 1 }),
  kernelRegularizer: new regularizers.L1L2(0.01, 0.02),
  activation: (x: Tensor) => x.square(),
});
new Dense(10, { kernelInitializer: (shape) => ops.zerosLike(tensor(shape.map(() => 0))) });
new Dense(10, { kernelRegularizer: (w: Tensor) => w.abs().sum() });
// @ts-expect-error snake case
new Dense(10, { kernelInitializer: 'he_normal' });
// @ts-expect-error no such regularizer
new Dense(10, { kernelRegularizer: 'l3' });
// @ts-expect-error no such padding
new Conv2D(1, 1, { padding: 'full' });
// @ts-expect-error no such dtype
new Dense(10, { dtype: 'float64' });

const model = new Sequential([image, new layers.Flatten(), new Dense(10, { activation: 'softmax' })]);
model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy', 'acc', 'mse'] });
model.compile({ optimizer: new optimizers.SGD(), loss: new losses.MeanSquaredError(), weightedMetrics: ['mae'] });
model.compile({ optimizer: 'adamw', metrics: [new metrics.TopKCategoricalAccuracy(3), 'topKCategoricalAccuracy'] });
model.compile({ loss: null, metrics: null, lossWeights: null, runEagerly: true });
// @ts-expect-error no such metric
model.compile({ metrics: ['accurracy'] });
// @ts-expect-error Keras's spelling of an option
model.compile({ loss_weights: [1] });
// @ts-expect-error a class, not an instance
model.compile({ optimizer: optimizers.Adam });

// fromConfig and getConfig use the options form.
const again: Conv2D = Conv2D.fromConfig<Conv2D>({ filters: 32, kernelSize: 3 });
const copy: Conv2D = Conv2D.fromConfig<Conv2D>(again.getConfig());
const net: Sequential = Sequential.fromConfig<Sequential>(model.getConfig());

// What only describes is synchronous.
const labels: Tensor = utils.toCategorical([0, 2, 1], 3);
const weights: Tensor[] = model.getWeights();
model.setWeights(weights);
const sum: Tensor = labels.add(labels);

export async function options(model: Model<Tensor, Tensor>, x: Tensor, y: Tensor): Promise<void> {
  await model.fit(x, y, { verbose: 'auto', shuffle: false, classWeight: { 0: 1, 1: 2 }, validationFreq: [1, 5] });
  await model.fit({ x, y }, { validationData: [x, y], validationSteps: 3, validationBatchSize: null });
  await model.evaluate(x, y, { steps: 3, verbose: 0 });
  await model.predict(x, { batchSize: 10, callbacks: { onPredictEnd: () => console.log('done') } });
  await model.trainOnBatch(x, y, { sampleWeight: [1, 2] });
  await model.fit(x, y, {
    callbacks: {
      onEpochEnd(epoch, logs) {
        if (epoch > 2 && logs.valLoss < 0.1) this.model.stopTraining = true;
        same<typeof logs.precision, number | undefined>(true);
      },
    },
  });
  // @ts-expect-error no such hook
  await model.fit(x, y, { callbacks: { onEpochEnded: () => {} } });
  // @ts-expect-error Keras's spelling of an option
  await model.fit(x, y, { batch_size: 32 });
  // @ts-expect-error no such word
  await model.fit(x, y, { verbose: 'yes' });
  // @ts-expect-error 3 is no level
  await model.evaluate(x, y, { verbose: 3 });
  // @ts-expect-error only fit has epochs
  await model.predict(x, { epochs: 2 });
}

export { again, copy, net, sum };
