import { Input, layers, Model, ops, random } from 'fovea';
import { expect, test } from 'vitest';

test('blocks are made in a model whose batch is unknown', async () => {
  const input = Input([2, 3, 2]);
  const model = new Model({ inputs: input, outputs: ops.depthToSpace(new layers.Conv2D(12, 1)(input), 2) });
  expect(model.outputs[0]!.shape).toEqual([null, 4, 6, 3]);
  expect((await model.predict(random.normal([5, 2, 3, 2], { seed: 1 }))).shape).toEqual([5, 4, 6, 3]);
});

test.each<[string, () => unknown, string]>([
  ['channels that are no blocks', () => ops.depthToSpace(ops.reshape(0, [1, 1, 1, 1]), 2), 'blockSize² must divide'],
  ['blocks of one pixel', () => ops.depthToSpace([[[[1]]]], 1), 'blockSize must be a whole number of at least 2'],
])('%s are refused', (_name, run, message) => {
  expect(run).toThrow(message);
});
