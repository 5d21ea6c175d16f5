import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { placeholder } from '../../ts/symbolic.ts';
import { gradients, type Tensor, tensor, Variable, zeros } from '../../ts/tensor.ts';
import { type CompiledFunction, compileFunction, Trace, withOrigin } from '../../ts/trace.ts';
import { fromBuffer } from './support.ts';

const variable = (...values: number[]) => new Variable({ initial: tensor(values) });

async function run(compiled: CompiledFunction, ...fed: Tensor[]): Promise<unknown[]> {
  await compiled.ready();
  const operands = [...fed.map((t) => t.buffer!), ...compiled.operands];
  const outputs = await compiled.plan.run(operands);
  return outputs.map(fromBuffer);
}

test('reads inside see assignments inside; the variable stays', async () => {
  const w = variable(1);
  const { result, assigned } = Trace.run(() => {
    const before = w.mul(10);
    w.assign(w.add(1));
    w.assign(w.add(1));
    return [before, w.mul(10)] as const;
  });
  expect([...assigned.keys()]).toEqual([w]);
  expect(await w.array()).toEqual([1]);
  const compiled = await compileFunction({ inputs: [], outputs: result, assigned });
  expect(await run(compiled)).toEqual([[10], [30]]);
  expect(await w.array()).toEqual([3]);
  expect(await run(compiled)).toEqual([[30], [50]]);
});

test('a training step, fed batch by batch', async () => {
  const w = new Variable({ initial: () => zeros([2]) });
  const x = placeholder([2], 'float32', 'x');
  const { result, assigned } = Trace.run(() => {
    const loss = w.sub(x).square().sum();
    w.assign(w.sub(gradients(loss, w).mul(0.5)));
    return loss;
  });
  const compiled = await compileFunction({ inputs: [x], outputs: [result], assigned, guard: result });
  expect(await run(compiled, tensor([3, 4]))).toEqual([25]);
  expect(await w.array()).toEqual([3, 4]);
  expect(await run(compiled, tensor([3, 5]))).toEqual([1]);
  await expect(run(compiled, tensor([Number.NaN, 0]))).rejects.toThrow(/NOT_FINITE/);
  expect(await w.array()).toEqual([3, 5]);
});

test('a run waits for assignments, and leaves old reads their value', async () => {
  const w = variable(1);
  const { result, assigned } = Trace.run(() => {
    w.assign(w.mul(2));
    return w.value;
  });
  const compiled = await compileFunction({ inputs: [], outputs: [result], assigned });
  w.assign(5);
  const five = w.add(0);
  expect(await run(compiled)).toEqual([[10]]);
  expect(await five.array()).toEqual([5]);
  expect(await w.array()).toEqual([10]);
});

test('tensors from outside become constants', async () => {
  const w = variable(1);
  const outside = w.add(1);
  const x = placeholder([1]);
  const { result } = Trace.run(() => x.mul(outside));
  const compiled = await compileFunction({ inputs: [x], outputs: [result] });
  w.assign(100);
  expect(await run(compiled, tensor([3]))).toEqual([[6]]);
});

test('so do reads of variables from outside', async () => {
  const w = variable(1);
  await w.data();
  const before = w.value;
  const { result } = Trace.run(() => [before.mul(2), w.mul(2), before] as const);
  const compiled = await compileFunction({ inputs: [], outputs: result });
  w.assign(100);
  expect(await run(compiled)).toEqual([[2], [200], [1]]);
});

test('there is no data inside a trace', async () => {
  const x = tensor([1]);
  const code = expect.objectContaining({ code: 'UNSUPPORTED' });
  Trace.run(() => {
    expect(() => x.data()).toThrow(code);
    expect(() => x.item()).toThrow(code);
    expect(() => x.dataSync()).toThrow(code);
    expect(inspect(x)).toBe('Tensor float32 [1]');
    expect(Trace.outside(() => x.dataSync()[0])).toBe(1);
  });
  await expect(placeholder([1]).data()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('variables made inside get their first value outside', async () => {
  const { result, assigned } = Trace.run(() => {
    const count = new Variable({ initial: () => zeros([1]) });
    count.assign(count.add(1));
    return count.value;
  });
  const compiled = await compileFunction({ inputs: [], outputs: [result], assigned });
  expect(await run(compiled)).toEqual([[1]]);
  expect(await run(compiled)).toEqual([[2]]);
});

test('what is not fed is named', async () => {
  const x = placeholder([1]);
  const { result } = Trace.run(() => x.add(1));
  await expect(compileFunction({ inputs: [], outputs: [result] })).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
});

test('an error inside a layer names its path', () => {
  const make = () => withOrigin('model', () => withOrigin('dense', () => tensor([1, 2]).add([1, 2, 3])));
  expect(make).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH', where: 'model/dense' }));
  expect(make).toThrow(/^model\/dense: /);
});
