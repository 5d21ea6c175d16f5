import { losses, registerSerializable, type Tensor, tensor } from 'fovea';
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

test('every class has its name, and the other names that Keras knows', () => {
  const names = {
    mape: 'MeanAbsolutePercentageError',
    MSLE: 'MeanSquaredLogarithmicError',
    kld: 'KLDivergence',
  } as const;
  for (const [name, Class] of Object.entries(names))
    expect(losses.get(name as keyof typeof names)).toBeInstanceOf(losses[Class]);
  expect(losses.get('klDivergence')).toBeInstanceOf(losses.KLDivergence);
  expect(losses.get('ctc')).toBeInstanceOf(losses.CTC);
  expect(losses.get('categoricalGeneralizedCrossEntropy').key).toBe('categoricalGeneralizedCrossEntropy');
  expect(losses.get('huber').name).toBe('huber_loss');
});

test('crossentropy is chosen by the shapes', async () => {
  const loss = losses.get('crossentropy');
  const probabilities = tensor([[0.2, 0.8]]);
  expect(await loss([1], probabilities).item()).toBeCloseTo(-Math.log(0.8), 6);
  expect(await loss([[0, 1]], probabilities).item()).toBeCloseTo(-Math.log(0.8), 6);
  expect(await loss([[1]], tensor([[0.8]])).item()).toBeCloseTo(-Math.log(0.8), 5);
});

test('a subclass and a function are saved and made again', async () => {
  class Twice extends losses.Loss {
    override call(yTrue: Tensor, yPred: Tensor): Tensor {
      return yTrue.sub(yPred).abs().mean(-1).mul(2);
    }
  }
  registerSerializable(Twice);
  const twice = losses.get(losses.serialize(new Twice({ reduction: 'sum' })));
  expect(twice).toBeInstanceOf(Twice);
  expect(await twice([[1], [2]], [[2], [4]]).item()).toBe(6);
  const far = (yTrue: Tensor, yPred: Tensor) => yTrue.sub(yPred).abs();
  const wrapped = losses.deserialize(losses.serialize(new losses.LossFunctionWrapper(far, 'sum', 'far')));
  expect(wrapped.name).toBe('far');
  expect(await wrapped([1, 2], [2, 4]).item()).toBe(3);
});

test('arguments stand in order or in a record, in functions too', async () => {
  expect(new losses.Huber(0.5, 'sum', 'h').getConfig()).toEqual({ name: 'h', reduction: 'sum', delta: 0.5 });
  expect(new losses.Dice('none', 'd', [1, 2]).axis).toEqual([1, 2]);
  const [y, p] = [tensor([[0, 1]]), tensor([[0.3, 3]])];
  expect(await losses.huber(y, p, 0.5).equals(losses.huber(y, p, { delta: 0.5 }))).toBe(true);
  expect(await losses.binaryCrossentropy(y, p, true, 0.1).item()).toBeCloseTo(
    await losses.binaryCrossentropy(y, p, { fromLogits: true, labelSmoothing: 0.1 }).item(),
    6,
  );
  expect(() => new losses.CategoricalGeneralizedCrossEntropy(1)).toThrow('q must be a number between 0 and 1');
  expect(() => losses.ctc([1, 2], [[1, 2]])).toThrow('ctc: expected labels [batch, length]');
  expect(() => new losses.Tversky({ alphas: 1 } as never)).toThrow("Did you mean 'alpha'?");
});
