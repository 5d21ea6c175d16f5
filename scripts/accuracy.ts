// Trains both example networks on all of MNIST with several seeds and prints the test accuracies beside what
// real Keras reached. Takes minutes: not part of `npm test`.
//
//   npx tsx scripts/accuracy.ts [mnist|notebook|both] [seeds] [policy, as mixedBfloat16]
import { config, type DTypePolicyName, datasets, Input, Model, Sequential, setSeed } from 'fovea';
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D, Rescaling } from 'fovea/layers';
import { SparseCategoricalCrossentropy } from 'fovea/losses';
import { Adam } from 'fovea/optimizers';
import { toCategorical } from 'fovea/utils';

const { train, test } = await datasets.mnist.load();

/** The network of examples/mnist.ts. */
async function mnist(): Promise<number> {
  const image = Input([28, 28, 1]);
  let x = new Rescaling(1 / 255)(image);
  x = new MaxPooling2D(2)(new Conv2D(32, 5, { activation: 'relu' })(x));
  x = new MaxPooling2D(2)(new Conv2D(64, 3, { activation: 'relu' })(x));
  x = new Dense(1024, { activation: 'relu' })(new Flatten()(x));
  const model = new Model(image, new Dense(10)(new Dropout(0.5)(x)));
  const loss = new SparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: new Adam(1e-3), loss, metrics: ['accuracy'] });
  await model.fit(train, { batchSize: 64, epochs: 2, validationSplit: 0.2 });
  return (await model.evaluate(test, { batchSize: 500, verbose: 0 })).accuracy;
}

/** The network of examples/keras-notebook.ts. */
async function notebook(): Promise<number> {
  const scale = (x: typeof train.x) => x.cast('float32').div(255);
  const model = new Sequential([
    Input([28, 28, 1]),
    new Conv2D(32, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new Flatten(),
    new Dense(64, { activation: 'relu' }),
    new Dense(10, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  await model.fit(scale(train.x), toCategorical(train.y, 10), { batchSize: 64, epochs: 5 });
  return (await model.evaluate(scale(test.x), toCategorical(test.y, 10), { batchSize: 500, verbose: 0 })).accuracy;
}

const networks = {
  mnist: { run: mnist, seeds: 5, each: 0.986, mean: 0.9878, keras: '98.78 to 98.99, mean 98.87' },
  notebook: { run: notebook, seeds: 3, each: 0, mean: 0.9895, keras: '99.05 to 99.12, mean 99.08' },
};

const [which = 'both', count, policy = 'float32'] = process.argv.slice(2);
config.setDtypePolicy(policy as DTypePolicyName);
for (const [name, { run, seeds, each, mean, keras }] of Object.entries(networks)) {
  if (which !== 'both' && which !== name) continue;
  const results: number[] = [];
  for (let seed = 1; seed <= Number(count ?? seeds); seed++) {
    setSeed(seed);
    results.push(await run());
    console.log(`${name}, ${policy}, seed ${seed}: ${(100 * results.at(-1)!).toFixed(2)} %`);
  }
  const average = results.reduce((a, b) => a + b, 0) / results.length;
  const reached = average >= mean && results.every((result) => result >= each);
  if (!reached) process.exitCode = 1;
  const wanted = `wanted ${100 * mean} on average${each ? ` and ${100 * each} each` : ''}`;
  console.log(
    `${name}: mean ${(100 * average).toFixed(2)} % (${wanted}: ${reached ? 'reached' : 'MISSED'}; Keras ${keras})`,
  );
}
