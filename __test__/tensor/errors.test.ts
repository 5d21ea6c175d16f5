import { expect, test } from 'vitest';
import { FoveaError, nearest, oneOf, wrapNative } from '../../ts/errors.ts';
import { methods } from '../../ts/ops/methods.ts';
import { unknownOption } from '../../ts/options.ts';
import { tensor } from '../../ts/tensor.ts';

test('errors of the addon keep their code and find their node', () => {
  const origin = { path: '', line: '/home/me/train.ts:3:7' };
  const nodes = [
    { name: 'add', origin },
    { name: 'gather', origin },
    { name: 'conv2d', origin: { path: 'net/conv', line: '' } },
  ];
  const graph = { nodes, leaves: ['input x', 'variable "dense/kernel"'] };
  const found = wrapNative(new Error('BAD_ARGUMENT: index 5 is outside @1'), graph);
  expect(found).toMatchObject({ code: 'BAD_ARGUMENT', where: 'gather' });
  expect(found.message).toBe('gather: index 5 is outside (gather, made at /home/me/train.ts:3:7)');
  expect(wrapNative(new Error('NOT_FINITE: a value @2'), graph)).toMatchObject({
    where: 'net/conv',
    message: 'net/conv: a value',
  });
  const holds = 'NOT_FINITE: the loss is NaN: variable 1 holds values that are not finite';
  expect(wrapNative(new Error(holds), graph, 'fit')).toMatchObject({
    where: 'fit',
    message: 'fit: the loss is NaN: variable "dense/kernel" holds values that are not finite',
  });
  expect(wrapNative('what')).toMatchObject({ code: 'INTERNAL', message: 'what' });
  expect(wrapNative(found)).toBe(found);
  expect(new FoveaError('ABORTED', 'x').name).toBe('AbortError');
});

test('the nearest name is offered', () => {
  expect(nearest('kernal_size', ['kernelSize', 'strides'])).toBe('kernelSize');
  expect(nearest('pool_size', ['poolSize'])).toBe('poolSize');
  expect(nearest('banana', ['kernelSize', 'strides'])).toBeUndefined();
  expect(() => unknownOption('Conv2D', { stride: 1 }, ['strides', 'padding'])).toThrow(
    "Conv2D: unknown option 'stride'. Did you mean 'strides'?",
  );
  expect(() => oneOf('Conv2D', 'padding', 'sane', ['same', 'valid'])).toThrow(/Did you mean 'same'/);
});

const junk: unknown[] = [
  undefined,
  null,
  Number.NaN,
  -1,
  0.5,
  2 ** 32,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  'x',
  {},
  [],
  [null],
  [[1], [2, 3]],
  Symbol('s'),
  10n,
  () => 1,
  new Float64Array(2),
  new Date(0),
  [Number.NaN],
  { axis: 1 },
  true,
  tensor([1], { dtype: 'int64' }),
];

test.each(Object.keys(methods))('%s: wrong arguments give a tensor or a FoveaError', async (name) => {
  const op = methods[name as keyof typeof methods] as (...args: unknown[]) => unknown;
  const firsts = [
    tensor([
      [1, 2],
      [3, 4],
    ]),
    tensor([1], { dtype: 'bool' }),
    tensor(1),
    ...junk,
  ];
  for (const first of firsts) {
    for (const second of junk) {
      for (const third of [undefined, null, -1, {}, 'x', [2 ** 40]]) {
        try {
          await op(first, second, third);
        } catch (error) {
          if (!(error instanceof FoveaError)) throw error;
        }
      }
    }
  }
});
