import { losses, type Tensor, tensor } from 'fovea';
import { expect, test } from 'vitest';

test('names and other names give the same loss', () => {
  expect(losses.get('mse')).toBeInstanceOf(losses.MeanSquaredError);
  expect(losses.get('meanSquaredError')).toBeInstanceOf(losses.MeanSquaredError);
  expect(losses.get('mae')).toBeInstanceOf(losses.MeanAbsoluteError);
  expect(losses.get('bce')).toBeInstanceOf(losses.BinaryCrossentropy);
  expect(losses.get('sparseCategoricalCrossentropy')).toBeInstanceOf(losses.SparseCategoricalCrossentropy);
});

test('a typo names the nearest', () => {
  expect(() => losses.get('sparse_categorical_crossentropy' as never)).toThrow(
    "Did you mean 'sparseCategoricalCrossentropy'?",
  );
  expect(() => losses.get('categoricalCrosentropy' as never)).toThrow("Did you mean 'categoricalCrossentropy'?");
  expect(() => new losses.CategoricalCrossentropy({ from_logits: true } as never)).toThrow(
    "Did you mean 'fromLogits'?",
  );
  expect(() => new losses.MeanSquaredError({ reduction: 'average' as never })).toThrow('reduction must be');
});

test('a function of labels and predictions is a loss', async () => {
  const loss = losses.get((yTrue: Tensor, yPred: Tensor) => yTrue.sub(yPred).abs().max(-1));
  const value = loss(
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 5],
      [3, 3],
    ],
    { sampleWeight: [1, 2] },
  );
  expect(await value.item()).toBe((3 * 1 + 1 * 2) / 2);
});

test('a subclass of Loss is called as one', async () => {
  class Far extends losses.Loss {
    override call(yTrue: Tensor, yPred: Tensor): Tensor {
      return yTrue.sub(yPred).square().sum(-1);
    }
  }
  const far = new Far({ reduction: 'sum' });
  expect(far.name).toBe('far');
  expect(await far(tensor([[0, 0]]), tensor([[3, 4]])).item()).toBe(25);
});

test('labels of another shape say what was wanted', () => {
  const sparse = new losses.SparseCategoricalCrossentropy();
  expect(() => sparse([[1, 0, 0]], [[0.2, 0.3, 0.5]])).toThrow('Use CategoricalCrossentropy for one-hot labels');
  const oneHot = new losses.CategoricalCrossentropy();
  expect(() => oneHot([1], [[0.2, 0.3, 0.5]])).toThrow('Use SparseCategoricalCrossentropy for integer labels');
});

test('a label out of range says which classes there are', async () => {
  const sparse = new losses.SparseCategoricalCrossentropy({ fromLogits: true });
  await expect(
    sparse(
      [0, 3],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ).item(),
  ).rejects.toThrow(/3/);
});
