// Gradients, loops of one's own, parts of one's own.
import {
  type Batch,
  type CallOptions,
  gradients,
  Layer,
  losses,
  Model,
  metrics,
  registerSerializable,
  type Shape,
  setSeed,
  type Tensor,
  Variable,
  zeros,
} from 'fovea';
import { Conv2D, Dense, Flatten } from 'fovea/layers';
import { same } from './same.js';

export async function loop(x: Tensor, y: Tensor): Promise<void> {
  const edge = new Conv2D(1, [1, 2], { useBias: false });
  edge.build(x.shape);
  for (let i = 0; i < 10; i++) {
    const loss = edge(x).sub(y).square();
    const dw = gradients(loss, edge.kernel);
    edge.kernel.assign(edge.kernel.sub(dw.mul(0.03)));
    console.log(i, await loss.sum().item());
  }
}

// One gradient for one tensor, a tuple for a tuple, an array for an array.
export function shapes(loss: Tensor, w: Variable, b: Variable, all: Variable[]): void {
  const one = gradients(loss, w);
  same<typeof one, Tensor>(true);
  const two = gradients(loss, [w, b]);
  same<typeof two, [Tensor, Tensor]>(true);
  const [dw, db] = gradients(loss, [w, b]);
  same<typeof dw, Tensor>(true);
  same<typeof db, Tensor>(true);
  const many = gradients(loss, all);
  same<typeof many, Tensor[]>(true);
  const second = gradients(gradients(loss, w), w);
  same<typeof second, Tensor>(true);
  // @ts-expect-error there are two
  const [, , third] = gradients(loss, [w, b]);
  // @ts-expect-error a layer is no tensor
  gradients(loss, new Dense(1));
  // @ts-expect-error a number has no history
  gradients(3, w);
  console.log(third);
}

class Gain extends Layer {
  gain!: Variable;
  override build(inputShape: Shape) {
    this.gain = this.addWeight({ name: 'gain', shape: [inputShape.at(-1)], initializer: 'ones' });
  }
  override call(x: Tensor, { training }: CallOptions) {
    return training ? x.mul(this.gain) : x;
  }
}
const gained: Tensor = new Gain({ name: 'gain', trainable: false })(zeros([2, 3]), { training: true });
registerSerializable(Gain, { package: 'Sound' });
// @ts-expect-error no such option
new Gain({ nam: 'gain' });
// @ts-expect-error an initializer of that name is none
new Gain().addWeight({ name: 'gain', shape: [1], initializer: 'uno' });

// A layer without `call` is none.
// @ts-expect-error call is missing
class Silent extends Layer {}

class Net extends Model {
  // in a model; fit uses it
  override trainStep({ x, y, sampleWeight }: Batch) {
    const yPred = this(x, { training: true });
    const loss = this.computeLoss({ x, y, yPred, sampleWeight });
    const v = this.trainableVariables;
    this.optimizer.apply(gradients(loss, v), v);
    return this.computeMetrics({ x, y, yPred, sampleWeight });
  }
}
const net = new Net({ name: 'net' });
net.optimizer.learningRate = 1e-4;
net.optimizer.learningRate = (step: Tensor) => step.mul(-1e-6).add(1e-3);
// @ts-expect-error no number
net.optimizer.learningRate = 'slow';

class Digits extends Model {
  hidden = [new Flatten(), new Dense(8, { activation: 'relu' })];
  head = new Dense(10);
  override call({ image }: { image: Tensor }): { digit: Tensor } {
    return { digit: this.head(this.hidden.reduce((x, layer) => layer(x), image)) };
  }
}

// `predict` gives what the class's own `call` gives.
export async function outputs(image: Tensor): Promise<void> {
  const digits = new Digits();
  const result = await digits.predict({ image });
  same<typeof result, { digit: Tensor }>(true);
  const direct = digits({ image });
  same<typeof direct, { digit: Tensor }>(true);
  // @ts-expect-error there is no such output
  result.even;
  // @ts-expect-error the input is named image
  digits({ picture: image });
}

// Losses and metrics: functions, or classes.
class Huber extends losses.Loss {
  static readonly className = 'Huber';
  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    const off = yTrue.sub(yPred).abs();
    return off
      .minimum(1)
      .mul(off.sub(off.minimum(1).mul(0.5)))
      .mean(-1);
  }
}
class Brightest extends metrics.Metric {
  readonly value = this.addVariable('value');
  override updateState(x: Tensor): void {
    this.value.assign(this.value.maximum(x.max()));
  }
  override result(): Tensor {
    return this.value.value;
  }
}
net.compile({ loss: (yTrue, yPred) => yTrue.sub(yPred).square().mean(-1) });
net.compile({ loss: { digit: (yTrue, yPred) => yTrue.sub(yPred).abs(), even: null } });
net.compile({ loss: new Huber(), metrics: [new Brightest(), (yTrue, yPred) => yTrue.sub(yPred).abs().mean(-1)] });
const far: Tensor = new losses.MeanSquaredError()([1, 2], [3, 4], { sampleWeight: [0.5] });
// @ts-expect-error no such option
new losses.MeanSquaredError()([1], [2], { sampleWeights: [1] });

// Variables.
setSeed(3);
const count = new Variable({ initial: zeros([2]), name: 'count', trainable: false });
const snapshot: Tensor = count.value;
count.assign(count.add(1)).assign(0);
// @ts-expect-error text has no numbers
count.assign('0');
// @ts-expect-error a name is text
new Variable({ initial: zeros([2]), name: 3 });

export { far, gained, Silent, snapshot };
