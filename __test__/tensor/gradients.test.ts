import { expect, test } from 'vitest';
import { type Gradients, gradients, type Tensor, tensor, Variable, zeros } from '../../ts/tensor.ts';

const variable = (...values: number[]) => new Variable({ initial: tensor(values) });

test('the gradient of a sum of squares is twice the variable', async () => {
  const w = variable(1, -2, 3);
  expect(await gradients(w.square(), w).array()).toEqual([2, -4, 6]);
});

test('a loss can be read first', async () => {
  const w = variable(1, 2);
  const inner = w.mul(3);
  const loss = inner.square().sum();
  expect(await inner.array()).toEqual([3, 6]);
  expect(await loss.item()).toBe(45);
  expect(await gradients(loss, w).array()).toEqual([18, 36]);
});

test('with respect to any tensor on the way, one or a tuple', async () => {
  const x = tensor([1, 2]);
  const w = variable(3, 4);
  const y = x.mul(w);
  const [dx, dy, dw]: [Tensor, Tensor, Tensor] = gradients(y.square(), [x, y, w]);
  expect(await dy.array()).toEqual([6, 16]);
  expect(await dx.array()).toEqual([18, 64]);
  expect(await dw.array()).toEqual([6, 32]);
  const none: Gradients<[]> = gradients(y, []);
  expect(none).toEqual([]);
});

test('what the loss does not use gets zeros', async () => {
  const [w, other] = [variable(1, 2), variable(5)];
  const [, zero] = gradients(w.sum(), [w, other]);
  expect(await zero.array()).toEqual([0]);
});

test('of a variable the version counts that the loss read', async () => {
  const w = variable(1);
  const loss = w.square();
  w.assign(10);
  expect(await gradients(loss, w).array()).toEqual([2]);
  expect(await gradients(w.square(), w).array()).toEqual([20]);
  await w.data();
  expect(await gradients(loss, w).array()).toEqual([2]);
});

test('an assignment cuts', async () => {
  const [a, b] = [variable(2), variable(0)];
  b.assign(a.square());
  expect(await gradients(b.mul(5), a).array()).toEqual([0]);
  expect(await gradients(b.mul(5), b).array()).toEqual([5]);
});

test('second derivatives', async () => {
  const w = variable(2);
  const cube = w.mul(w).mul(w);
  const first = gradients(cube, w);
  expect(await first.array()).toEqual([12]);
  expect(await gradients(first, w).array()).toEqual([12]);
});

test('stopGradient', async () => {
  const w = variable(2);
  expect(await gradients(w.mul(w.stopGradient()), w).array()).toEqual([2]);
});

test('a history that was let go is an error, not a zero', async () => {
  const x = tensor([1, 2]);
  const loss = x.square().sum();
  expect(await gradients(loss, x).array()).toEqual([2, 4]);
  await loss.item();
  expect(() => gradients(loss, x)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
});

test('a long chain has a gradient', async () => {
  const w = variable(1);
  let y: Tensor = w;
  for (let i = 0; i < 3000; i++) y = y.add(0.001);
  expect(await gradients(y, w).array()).toEqual([1]);
});

test.each([
  ['no loss', () => gradients(undefined as never, zeros([1]))],
  ['a number as loss', () => gradients(1 as never, zeros([1]))],
  ['nothing to differentiate', () => gradients(zeros([1]), undefined as never)],
  ['a number to differentiate', () => gradients(zeros([1]), [1] as never)],
  ['an integer loss', () => gradients(zeros([1], { dtype: 'int32' }), zeros([1]))],
])('%s is refused', (_, differentiate) => {
  expect(differentiate).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
});
