import { applications, Input, type Model, Sequential } from 'fovea';
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D } from 'fovea/layers';
import { CategoricalCrossentropy, type Loss, SparseCategoricalCrossentropy } from 'fovea/losses';
import { Adam, type Optimizer, RMSprop } from 'fovea/optimizers';
import { expressions } from '../../examples/expressions/networks.ts';
import { factsOf, type ImageShape, type Net } from '../harness/networks.ts';

/** A network with what trains it: the same as in bench/peers. */
export interface Network {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly loss: Loss;
}

/** What makes the models; images of this shape come in. */
const models: Readonly<Record<Net, (inputShape: ImageShape, classes: number) => Model>> = {
  mnist,
  notebook,
  expressions: (inputShape) => expressions('baseline', { inputShape }),
  'expressions-net3': (inputShape) => expressions('net3', { inputShape }),
  alexnet,
  vgg16: (inputShape, classes) => applications.VGG16({ weights: null, inputShape, classes }),
  'vgg16-body': vgg16Body,
  resnet50: (inputShape, classes) => applications.ResNet50({ weights: null, inputShape, classes }),
  inceptionv3: (inputShape, classes) => applications.InceptionV3({ weights: null, inputShape, classes }),
  mobilenetv2: (inputShape, classes) => applications.MobileNetV2({ weights: null, inputShape, classes }),
};

/** A network with its optimizer and loss; `image` is networks.json's if left out. */
export function build(net: Net, image?: ImageShape): Network {
  const facts = factsOf(net);
  const model = models[net](image ?? facts.image, facts.classes);
  const optimizer = facts.optimizer === 'adam' ? new Adam(facts.rate) : new RMSprop(facts.rate);
  // That of examples/mnist.ts ends in logits, all others in probabilities.
  const loss = facts.oneHot
    ? new CategoricalCrossentropy()
    : new SparseCategoricalCrossentropy({ fromLogits: net === 'mnist' });
  return { model, optimizer, loss };
}

/** The network of examples/mnist.ts. */
function mnist(inputShape: ImageShape, classes: number): Model {
  return new Sequential([
    Input(inputShape),
    new Conv2D(32, 5, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Flatten(),
    new Dense(1024, { activation: 'relu' }),
    new Dropout(0.5),
    new Dense(classes),
  ]);
}

/** The network of examples/keras-notebook.ts. */
function notebook(inputShape: ImageShape, classes: number): Model {
  return new Sequential([
    Input(inputShape),
    new Conv2D(32, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Conv2D(64, 3, { activation: 'relu' }),
    new Flatten(),
    new Dense(64, { activation: 'relu' }),
    new Dense(classes, { activation: 'softmax' }),
  ]);
}

/** AlexNet's windows on images of 150 × 150, each convolution at every pixel: nearly all weights are in a dense layer. */
function alexnet(inputShape: ImageShape, classes: number): Model {
  const conv = (filters: number, size: number) => new Conv2D(filters, size, { padding: 'same', activation: 'relu' });
  return new Sequential([
    Input(inputShape),
    new Conv2D(96, 11, { activation: 'relu' }),
    new MaxPooling2D(2),
    new Dropout(0.2),
    conv(256, 5),
    new MaxPooling2D(2),
    conv(384, 3),
    conv(384, 3),
    conv(256, 3),
    new MaxPooling2D(2),
    new Dropout(0.2),
    conv(1024, 3),
    new MaxPooling2D(2),
    new Dropout(0.2),
    new Flatten(),
    new Dense(4096, { activation: 'relu' }),
    new Dense(classes, { activation: 'softmax' }),
  ]);
}

/** The convolutions of VGG16 with a classifier of one layer, as in transfer learning. */
function vgg16Body(inputShape: ImageShape, classes: number): Model {
  const body = applications.VGG16({ weights: null, includeTop: false, pooling: 'avg', inputShape });
  return new Sequential([body, new Dense(classes, { activation: 'softmax' })]);
}
