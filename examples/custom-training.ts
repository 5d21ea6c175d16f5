// Parts of one's own: a loss, a metric and a training step in a model that `fit` trains; then a loop by hand, whose loss
// is made of gradients.
import {
  type Batch,
  gradients,
  Input,
  linspace,
  Model,
  ops,
  random,
  Sequential,
  setSeed,
  type Tensor,
  Variable,
  zeros,
} from 'fovea';
import { Conv2D, Dense, Flatten, LeakyReLU, UnitNormalization } from 'fovea/layers';
import { Loss } from 'fovea/losses';
import { Metric, type UpdateOptions } from 'fovea/metrics';
import { Adam } from 'fovea/optimizers';
import { choose, count, readCommandLine, training } from './command-line.ts';

const { epochs, batchSize, steps, seed, device } = readCommandLine('Trains with parts of its own.', {
  ...training({ epochs: 6, batchSize: 32 }),
  steps: count('steps of the loop by hand', 300),
});
await choose(device);
setSeed(seed);

console.log('— A loss, a metric and a training step');

/** The cosine of the angle between arrows of length 1, [n, 2] each: [n]. */
const cosine = (a: Tensor, b: Tensor) => a.mul(b).sum(-1);

/** How far arrows point from where they should: 0 for the same direction, 2 for the opposite. */
class Turn extends Loss {
  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return cosine(yTrue, yPred).neg().add(1);
  }
}

/** The share of arrows that point where they should, give or take some degrees. */
class Within extends Metric {
  readonly least: number;
  readonly hits: Variable;
  readonly seen: Variable;

  constructor(degrees: number) {
    super({ name: `within${degrees}` });
    this.least = Math.cos((degrees * Math.PI) / 180);
    this.hits = this.addVariable('hits');
    this.seen = this.addVariable('seen');
  }

  override updateState(yTrue: Tensor, yPred: Tensor, { sampleWeight }: UpdateOptions = {}): void {
    const hit = cosine(yTrue, yPred).greater(this.least).cast('float32');
    const weight = ops.onesLike(hit).mul(sampleWeight ?? 1);
    this.hits.assign(this.hits.add(hit.mul(weight).sum()));
    this.seen.assign(this.seen.add(weight.sum()));
  }

  override result(): Tensor {
    return this.hits.div(this.seen);
  }
}

const turn = new Turn();

/** Images, each changed a little where it hurts the model most. */
function attacked(model: Model<Tensor, Tensor>, { x, y }: Batch, training: boolean): Tensor {
  const harm = gradients(turn(y, model(x, { training })), x as Tensor);
  return ops.stopGradient(ops.add(x, harm.sign().mul(0.05)));
}

/** Learns from each batch as it is, and as an attacker would change it. */
class Wary extends Model<Tensor, Tensor> {
  override trainStep({ x, y, sampleWeight }: Batch) {
    const yPred = this(x, { training: true });
    const loss = this.computeLoss({ x, y, yPred, sampleWeight });
    const attack = turn(y, this(attacked(this, { x, y }, true), { training: true }), { sampleWeight });
    const variables = this.trainableVariables;
    this.optimizer.apply(gradients(loss.add(attack), variables), variables);
    return { ...this.computeMetrics({ x, y, yPred, sampleWeight }), attack };
  }
}

/** Images with a dark and a bright side, [n, 12, 12, 1], and arrows to the bright one, [n, 2]. */
function directions(n: number): { x: Tensor; y: Tensor } {
  const angle = random.uniform([n, 1, 1], { maxval: 2 * Math.PI });
  const line = linspace(-1, 1, 12);
  const across = line.reshape([1, 1, 12]).mul(angle.cos());
  const down = line.reshape([1, 12, 1]).mul(angle.sin());
  const light = across
    .add(down)
    .add(random.normal([n, 1, 1], { stddev: 0.2 }))
    .mul(5)
    .sigmoid();
  const x = light.add(random.normal([n, 12, 12], { stddev: 0.3 })).expandDims(-1);
  return { x, y: ops.concat([angle.cos(), angle.sin()], 1).squeeze(-1) };
}

const [train, test] = [directions(1600), directions(400)];

for (const Class of [Model<Tensor, Tensor>, Wary]) {
  setSeed(seed);
  const image = Input([12, 12, 1]);
  let t = new Conv2D(8, 3, { activation: 'relu' })(image);
  t = new Conv2D(16, 3, { activation: 'relu', strides: 2 })(t);
  t = new Dense(2)(new Flatten()(t));
  const model = new Class(image, new UnitNormalization()(t));
  model.compile({ optimizer: new Adam(3e-3), loss: turn, metrics: [new Within(10)] });
  await model.fit(train, { epochs, batchSize });
  const calm = await model.evaluate(test, { verbose: 0 });
  const hard = await model.evaluate({ x: attacked(model, test, false), y: test.y }, { verbose: 0 });
  const percent = (share: unknown) => `${(100 * Number(share)).toFixed(1)} %`;
  const how = Class === Wary ? 'own step' : 'as it is';
  console.log(`${how}: within 10 degrees ${percent(calm.within10)}, after an attack ${percent(hard.within10)}\n`);
}

console.log('— A loop with a gradient penalty');

/** 32 noisy copies of a picture. */
const sample = (picture: Tensor) => picture.add(random.normal([32, 8, 8, 1], { stddev: 0.5 }));

const cross = zeros([8, 8, 1])
  .with([null, [3, 5]], 1)
  .with([[3, 5]], 1);
const picture = new Variable({ initial: zeros([8, 8, 1]), name: 'picture' });
const apart = () => cross.sub(picture).square().sum().sqrt().item();

// The critic tells how far two kinds of images are apart: it rises from one to the other as much as it can, while a
// penalty keeps its slope at 1.
const critic = new Sequential([
  Input([8, 8, 1]),
  new Conv2D(8, 3),
  new LeakyReLU(0.2),
  new Flatten(),
  new Dense(16),
  new LeakyReLU(0.2),
  new Dense(1),
]);
const learnsCritic = new Adam(2e-3, 0.5, 0.9);
const learnsPicture = new Adam(0.01, 0.5, 0.9);

/** One step of the critic: what it says of the distance, and how steep it is in between. */
function criticise(): { distance: Tensor; slope: Tensor } {
  const [real, fake] = [sample(cross), sample(picture)];
  const between = fake.add(real.sub(fake).mul(random.uniform([32, 1, 1, 1])));
  const slope = gradients(critic(between), between).square().sum([1, 2, 3]).add(1e-12).sqrt();
  const distance = critic(real).mean().sub(critic(fake).mean());
  const loss = slope.sub(1).square().mean().mul(10).sub(distance);
  const variables = critic.trainableVariables;
  learnsCritic.apply(gradients(loss, variables), variables);
  return { distance, slope: slope.mean() };
}

// Between kinds d apart, (d · slope − 10 (slope − 1)²) is greatest where the slope is 1 + d / 20.
console.log(`A cross and an empty picture are ${(await apart()).toFixed(3)} apart. The critic says:`);
for (let step = 1; step <= steps; step++) {
  const { distance, slope } = criticise();
  if (step % Math.ceil(steps / 5) !== 0) continue;
  const [far, steep] = [await distance.item(), await slope.item()];
  console.log(`step ${step}: ${(far / steep).toFixed(3)} apart, with a slope of ${steep.toFixed(3)}`);
}

console.log('\nThe picture follows the critic:');
for (let step = 1; step <= steps; step++) {
  for (let i = 0; i < 2; i++) criticise();
  const loss = critic(sample(picture)).mean().neg();
  learnsPicture.apply([gradients(loss, picture)], [picture]);
  if (step % Math.ceil(steps / 5) === 0) console.log(`step ${step}: ${(await apart()).toFixed(3)} apart`);
}
console.log('the picture, rounded =', picture.value.squeeze(-1).add(0.5).floor().cast('int32'));
