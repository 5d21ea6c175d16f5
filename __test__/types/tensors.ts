// Tensors: what makes them, what they give, and what they are not.
import { arange, eye, linspace, ones, ops, random, type Shape, type Tensor, tensor, zeros } from 'fovea';
import { same } from './same.js';

const x = tensor([
  [1, 2],
  [3, 4],
]);
const bytes = tensor(new Uint8Array([1, 2, 3, 4]), { shape: [2, 2], dtype: 'int32' });
const made: Tensor[] = [zeros([2, 2]), ones([2], { dtype: 'int32' }), eye(3), arange(5), linspace(0, 1, 5)];
const drawn: Tensor = random.normal([2, 3], { seed: 1 });
// @ts-expect-error text has no numbers
tensor(['1']);
// @ts-expect-error no such dtype
zeros([2], { dtype: 'double' });
// @ts-expect-error no such option
random.normal([2], { mu: 0 });

// Methods and functions are the same ops.
const chained: Tensor = x.sub(bytes).square().mean([1], { keepdims: true });
const spelled: Tensor = ops.mean(ops.square(ops.subtract(x, bytes)), [1]);
const product: Tensor = x.matmul(x).transpose().reshape([4]);
// @ts-expect-error no such method
x.plus(x);
// @ts-expect-error Keras's spelling is keepdims
x.mean(0, { keepDims: true });

// Indexing.
const pixel: Tensor = x.at(0, null);
const cut: Tensor = x.at([0, 1], [null, null, 2] as const).slice([0, 0], [1, null]);
const changed: Tensor = x.with([null, [0, 1]], 0);
// @ts-expect-error text is no index
x.at('0');

// Reading.
export async function read(): Promise<void> {
  const item = await x.item();
  same<typeof item, number>(true);
  const rows = await x.array<number[][]>();
  same<typeof rows, number[][]>(true);
  const wide = await x.data('int64');
  same<typeof wide, BigInt64Array>(true);
  const first: number | undefined = (await x.data())[0];
  const equal: boolean = await x.equals(bytes);
  const close: boolean = await x.allClose(bytes, { rtol: 1e-3, atol: 0 });
  // @ts-expect-error await is missing
  const early: number = x.item();
  // @ts-expect-error only int64 is read in another way
  await x.data('float64');
  console.log(first, equal, close, early);
}

// Shapes.
const shape: Shape = x.shape;
const side: number | null | undefined = x.shape[0];
const known: number = x.dim(-1) * x.rank * x.size;
// @ts-expect-error a side may be unknown
const sure: number = x.shape[0];
// @ts-expect-error a shape cannot be changed
x.shape[0] = 3;

// A tensor is no number.
// @ts-expect-error use x.mul(2)
x * 2;
// @ts-expect-error use x.less(3)
x < 3;

{
  using short = zeros([1000]);
  short.print();
}

export { chained, changed, cut, drawn, known, made, pixel, product, shape, side, spelled, sure };
