// What a convolution does, from sums of products to layers: chapter 7 of "Dive into Deep Learning" (https://d2l.ai), with
// the numbers of the book.
import { arange, gradients, Layer, ones, ops, random, setSeed, type Tensor, tensor, type Variable } from 'fovea';
import { AveragePooling2D, Conv2D, type LayerOptions, MaxPooling2D, ZeroPadding2D } from 'fovea/layers';
import { choose, readCommandLine, repeatable } from './command-line.ts';

const { seed, device } = readCommandLine('Shows what convolutions and pooling do, with small numbers.', repeatable);
await choose(device);
setSeed(seed);

const show = (what: string, value: Tensor | string) => console.log(what, '=', value);

/** One image with one channel, [h, w], as a batch [1, h, w, 1]: what layers take. Several channels: [h, w, c]. */
const batch = (image: Tensor) => (image.rank === 2 ? image.expandDims([0, -1]) : image.expandDims(0));

/** The other way round, of the first image; channels come first, [c, h, w], which reads better. */
const images = (out: Tensor) => (out.dim(-1) === 1 ? out.at(0, null, null, 0) : out.at(0).transpose([2, 0, 1]));

/** Puts a window on each place of an image, [h, w], where it fits, and what `f` says of each next to one another. */
function slide(image: Tensor, [h, w]: readonly [number, number], f: (window: Tensor) => Tensor): Tensor {
  const rows: Tensor[] = [];
  for (let i = 0; i + h <= image.dim(0); i++) {
    const row: Tensor[] = [];
    for (let j = 0; j + w <= image.dim(1); j++) row.push(f(image.at([i, i + h], [j, j + w])));
    rows.push(ops.stack(row));
  }
  return ops.stack(rows);
}

/** The cross-correlation of an image with a kernel: at each place the sum of the products. */
const correlate = (image: Tensor, kernel: Tensor): Tensor =>
  slide(image, [kernel.dim(0), kernel.dim(1)], (window) => window.mul(kernel).sum());

console.log('— Cross-correlation');
const nine = arange(9, { dtype: 'float32' }).reshape([3, 3]);
const four = arange(4, { dtype: 'float32' }).reshape([2, 2]);
show('image', nine);
show('kernel', four);
show('by hand', correlate(nine, four));
show('by ops.conv2d', images(ops.conv2d(batch(nine), four.expandDims([-1, -2]))));

/** A layer that learns its kernel, and a bias that is added everywhere; takes one image, [h, w]. */
class Correlation extends Layer {
  readonly kernelSize: readonly [number, number];
  kernel!: Variable;
  bias!: Variable;

  constructor(kernelSize: readonly [number, number], options: LayerOptions = {}) {
    super(options);
    this.kernelSize = kernelSize;
  }

  override build() {
    this.kernel = this.addWeight({ name: 'kernel', shape: this.kernelSize, initializer: 'randomUniform' });
    this.bias = this.addWeight({ name: 'bias', shape: [1], initializer: 'zeros' });
  }

  override call(image: Tensor): Tensor {
    return correlate(image, this.kernel).add(this.bias);
  }
}

const layer = new Correlation([2, 2]);
layer.build();
layer.setWeights([four, [0.5]]);
show('by a layer, with bias 0.5', layer(nine));

console.log('\n— Edges');
const picture = ones([6, 8]).with([null, [2, 6]], 0);
const difference = tensor([[1, -1]], { dtype: 'float32' });
const edges = correlate(picture, difference);
show('picture', picture);
show('its vertical edges', edges);
show('those of the picture on its side', correlate(picture.transpose(), difference));

console.log('\n— Learning the kernel');
const [x, y] = [batch(picture), batch(edges)];
const edge = new Conv2D(1, [1, 2], { useBias: false });
edge.build(x.shape);
show('first kernel', edge.kernel.flatten());
for (let step = 1; step <= 10; step++) {
  const loss = edge(x).sub(y).square();
  const dw = gradients(loss, edge.kernel);
  edge.kernel.assign(edge.kernel.sub(dw.mul(0.03)));
  if (step % 2 === 0) show(`loss of step ${step}`, String(await loss.sum().item()));
}
show('last kernel', edge.kernel.flatten());

console.log('\n— Padding and strides of an image of 8 × 8');
const square = random.uniform([8, 8]);
const sides = (out: Tensor) => images(out).shape.join(' × ');
show('kernel 3 × 3', sides(new Conv2D(1, 3)(batch(square))));
show("kernel 3 × 3, 'same'", sides(new Conv2D(1, 3, { padding: 'same' })(batch(square))));
show("kernel 5 × 3, 'same'", sides(new Conv2D(1, [5, 3], { padding: 'same' })(batch(square))));
show("kernel 3 × 3, stride 2, 'same'", sides(new Conv2D(1, 3, { strides: 2, padding: 'same' })(batch(square))));
const far = () => new Conv2D(1, [3, 5], { strides: [3, 4] });
show('kernel 3 × 5, strides 3 and 4', sides(far()(batch(square))));
const wider = new ZeroPadding2D([0, 1])(batch(square));
show('kernel 3 × 5, strides 3 and 4, a column of zeros on both sides', sides(far()(wider)));

console.log('\n— Several channels');
const channels = ops.stack([nine, nine.add(1)], -1);
const kernels = ops.stack([four, four.add(1)], -1);
const perChannel = ops.unstack(channels, -1).map((image, c) => correlate(image, kernels.at(null, null, c)));
show('two channels in, by hand', ops.add(...(perChannel as [Tensor, Tensor])));
show('two channels in', images(ops.conv2d(batch(channels), kernels.expandDims(-1))));
const filters = ops.stack([kernels, kernels.add(1), kernels.add(2)], -1);
show('two channels in, three out', images(ops.conv2d(batch(channels), filters)));

const colours = random.normal([3, 3, 3]);
const mixing = random.normal([3, 2]);
const mixed = ops.conv2d(batch(colours), mixing.expandDims([0, 1])).at(0);
const multiplied = colours.reshape([9, 3]).matmul(mixing).reshape([3, 3, 2]);
show('a 1 × 1 convolution is a matrix product', String(await mixed.allClose(multiplied, { rtol: 0, atol: 1e-6 })));

console.log('\n— Pooling');
show(
  'the largest in 2 × 2, by hand',
  slide(nine, [2, 2], (window) => window.max()),
);
show(
  'the mean of 2 × 2, by hand',
  slide(nine, [2, 2], (window) => window.mean()),
);
const sixteen = arange(16, { dtype: 'float32' }).reshape([4, 4]);
show('image of 4 × 4', sixteen);
show('max pooling 3', images(new MaxPooling2D(3)(batch(sixteen))));
show("max pooling 3, stride 2, 'same'", images(new MaxPooling2D(3, 2, 'same')(batch(sixteen))));
// The image has no negative numbers, so that zeros around it are never the largest.
const padded = new ZeroPadding2D(1)(batch(sixteen));
show('max pooling 3, stride 2, zeros around', images(new MaxPooling2D(3, 2)(padded)));
const columns = new ZeroPadding2D([0, 1])(batch(sixteen));
show('max pooling 2 × 3, strides 2 and 3, zeros at the sides', images(new MaxPooling2D([2, 3], [2, 3])(columns)));
show('average pooling 2', images(new AveragePooling2D(2)(batch(sixteen))));
show(
  "average pooling 3, stride 2, 'same': only what is there",
  images(new AveragePooling2D(3, 2, 'same')(batch(sixteen))),
);
show('average pooling 3, stride 2, zeros around', images(new AveragePooling2D(3, 2)(padded)));
const both = new ZeroPadding2D(1)(batch(ops.stack([sixteen, sixteen.add(1)], -1)));
show('max pooling of two channels', images(new MaxPooling2D(3, 2)(both)));
