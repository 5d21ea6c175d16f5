import { expect, test } from 'vitest';
import { native } from '../../ts/native.ts';
import * as random from '../../ts/random/index.ts';
import { gradients, type Tensor, tensor, Variable, zeros } from '../../ts/tensor.ts';

const variable = (...values: number[]) => new Variable({ initial: tensor(values) });

test('the first value is computed when it is needed', async () => {
  const w = new Variable({ initial: () => zeros([2]).add(1), name: 'w', trainable: false });
  expect([w.name, w.path, w.trainable, w.shape, w.dtype]).toEqual(['w', 'w', false, [2], 'float32']);
  expect(w.slot.native).toBeNull();
  expect(await w.array()).toEqual([1, 1]);
  expect(await new Variable({ initial: tensor([1.5]), dtype: 'int32' }).array()).toEqual([1]);
});

test('what computes a first value can have more to do', async () => {
  const ramp = tensor([1, 2]).mul(3);
  const [a, b] = [new Variable({ initial: ramp }), new Variable({ initial: () => ramp })];
  expect(await a.add(b).array()).toEqual([6, 12]);
  a.assign(a.add(1));
  expect([await a.array(), await b.array(), await ramp.array()]).toEqual([
    [4, 7],
    [3, 6],
    [3, 6],
  ]);
  const c = new Variable({ initial: ramp });
  c.assign(c.add(ramp));
  expect([await c.array(), await ramp.array()]).toEqual([
    [6, 12],
    [3, 6],
  ]);
});

test('a first value that is asked for twice at once is one', async () => {
  const w = new Variable({ initial: () => random.normal([4], { seed: 5 }) });
  const later = w.add(0).array();
  const now = w.sub(0).dataSync();
  expect(await later).toEqual([...now]);
  expect(await w.array()).toEqual([...now]);
});

test('reading captures the value of the moment', async () => {
  const w = variable(1);
  const [before, twice] = [w.value, w.mul(2)];
  w.assign(5);
  const between = w.value;
  w.assign(w.add(1));
  expect(await w.array()).toEqual([6]);
  expect(await before.array()).toEqual([1]);
  expect(await between.array()).toEqual([5]);
  expect(await twice.array()).toEqual([2]);
  await w.assign(7).data();
  expect(await twice.add(0).array()).toEqual([2]);
  expect(await before.add(0).array()).toEqual([1]);
});

test('two variables swap', async () => {
  const [a, b] = [variable(1), variable(2)];
  const old = a.value;
  a.assign(b);
  b.assign(old);
  expect([await a.array(), await b.array()]).toEqual([[2], [1]]);
});

test('an assignment before the first value is the first value', async () => {
  const w = new Variable({ initial: () => zeros([2]) });
  w.assign(tensor([3, 4]));
  expect(await w.array()).toEqual([3, 4]);
  expect(await w.assign(0).array()).toEqual([0, 0]);
});

test('assignments run in order with reads from everywhere', async () => {
  const w = variable(0);
  const reads: Promise<number>[] = [];
  for (let i = 0; i < 20; i++) {
    w.assign(w.add(1));
    reads.push(i % 3 ? w.value.sum().item() : Promise.resolve(w.sum().dataSync()[0]!));
  }
  expect(await Promise.all(reads)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test('a hand-written loop descends, and its second pass compiles nothing', async () => {
  const w = variable(0, 0);
  const target = tensor([3, -1]);
  const losses: number[] = [];
  let plans = 0;
  for (let i = 0; i < 30; i++) {
    const loss = w.sub(target).square();
    w.assign(w.sub(gradients(loss, w).mul(0.1 + i * 0.001)));
    losses.push(await loss.sum().item());
    if (i === 2) plans = native().memoryInfo().plans;
  }
  expect(losses[0]).toBe(10);
  expect(losses.at(-1)).toBeLessThan(1e-3);
  expect(losses.every((loss, i) => i === 0 || loss < losses[i - 1]!)).toBe(true);
  expect(native().memoryInfo().plans).toBe(plans);
});

test('a loop that never reads does not grow', async () => {
  const w = variable(0);
  let deepest = 0;
  for (let i = 0; i < 5000; i++) {
    w.assign(w.add(1));
    deepest = Math.max(deepest, w.value.depth);
  }
  expect(deepest).toBeLessThan(1100);
  expect(await w.item()).toBe(5000);
});

test('a long chain of plain tensors is computed on the way', async () => {
  let x: Tensor = tensor([0]);
  for (let i = 0; i < 5000; i++) x = x.add(1);
  expect(x.depth).toBeLessThan(1100);
  expect(await x.item()).toBe(5000);
});

test('history is let go', async () => {
  const w = variable(1);
  const sum = w.add(1);
  await sum.data();
  expect(sum.node.inputs.length).toBe(2);
  const plain = tensor([1]).add(1);
  await plain.data();
  expect(plain.node.inputs.length).toBe(0);
  w.assign(w.add(1));
  const read = w.value;
  await w.data();
  expect(read.node.inputs.length).toBe(0);
});

test('types are kept', () => {
  const w = variable(1, 2);
  expect(() => w.assign(tensor([1]))).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  expect(() => w.assign('1' as never)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  expect(() => new Variable({ initial: 1 as never })).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  expect(w.assign(tensor([1, 2], { dtype: 'int32' })).dtype).toBe('float32');
});

test('dispose: reads from before still work', async () => {
  const w = variable(1, 2);
  await w.data();
  const read = w.value;
  const sum = w.add(1);
  w.dispose();
  expect(await sum.array()).toEqual([2, 3]);
  expect(await read.array()).toEqual([1, 2]);
  await expect(w.data()).rejects.toMatchObject({ code: 'DISPOSED' });
  expect(() => w.assign(1)).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
});

test('a failed run leaves the variables as they were', async () => {
  const w = variable(1);
  await w.data();
  const picked = tensor([1, 2, 3]).gather(tensor([5], { dtype: 'int32' }));
  w.assign(picked);
  await expect(w.data()).rejects.toMatchObject({
    code: 'BAD_ARGUMENT',
    message: expect.stringContaining('variables.test.ts'),
  });
  expect(await w.array()).toEqual([1]);
  expect(await w.assign(w.add(1)).array()).toEqual([2]);
});

test('memory stays flat in loops that wait and in loops that do not', async () => {
  const side = 512;
  const w = new Variable({ initial: () => zeros([side, side]) });
  const most = { bytes: 0 };
  for (let i = 0; i < 400; i++) {
    w.assign(w.add(1));
    if (i % 2) await w.mean().item();
    else w.mul(2).dataSync();
    most.bytes = Math.max(most.bytes, native().memoryInfo().bufferBytes);
  }
  // 400 steps make about 800 MiB of values.
  expect(most.bytes).toBeLessThan(200 * 2 ** 20);
});
