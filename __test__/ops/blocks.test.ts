import { Input, layers, Model, ops, random } from 'fovea';
import { expect, test } from 'vitest';

test.each([2, 3])('blocks of %i by %i pixels become channels and blocks again', async (side) => {
  const images = random.normal([2, 2 * side, side, 3], { seed: side });
  const deep = ops.spaceToDepth(images, side);
  expect(deep.shape).toEqual([2, 2, 1, 3 * side ** 2]);
  expect(await ops.depthToSpace(deep, side).equals(images)).toBe(true);
});

test('they are layers of a model whose batch is unknown', async () => {
  const input = Input([4, 6, 2]);
  const wide = new layers.Conv2D(12, 1)(ops.spaceToDepth(input, 2));
  const model = new Model({ inputs: input, outputs: ops.depthToSpace(wide, 2) });
  expect(model.outputs[0]!.shape).toEqual([null, 4, 6, 3]);
  expect((await model.predict(random.normal([5, 4, 6, 2], { seed: 1 }))).shape).toEqual([5, 4, 6, 3]);
});

test.each<[string, () => unknown, string]>([
  ['channels that are no blocks', () => ops.depthToSpace(ops.reshape(0, [1, 1, 1, 1]), 2), 'blockSize² must divide'],
  ['sides that are no blocks', () => ops.spaceToDepth(ops.reshape([1, 2], [1, 2, 1, 1]), 2), 'blockSize must divide'],
  ['blocks of one pixel', () => ops.depthToSpace([[[[1]]]], 1), 'blockSize must be a whole number of at least 2'],
  ['one image', () => ops.spaceToDepth([[[1]]], 2), 'expected an input [batch, …, channels]'],
])('%s are refused', (_name, run, message) => {
  expect(run).toThrow(message);
});
