import {
  Dataset,
  type DatasetIterator,
  Input,
  layers,
  ones,
  random,
  Sequential,
  setSeed,
  type Tensor,
  tensor,
} from 'fovea';
import { expect, test } from 'vitest';

const numbers = (n: number) => Dataset.fromTensors(tensor(Int32Array.from({ length: n }, (_, i) => i)));

const values = async (dataset: AsyncIterable<Tensor>): Promise<number[][]> => {
  const all: number[][] = [];
  for await (const element of dataset) all.push([...(await element.data())]);
  return all;
};

const flat = async (dataset: AsyncIterable<Tensor>) => (await values(dataset)).flat();

test('rows of tensors are elements, nested as the tensors are', async () => {
  const [first, second] = await Dataset.fromTensors({
    x: [
      [1, 2],
      [3, 4],
    ],
    y: [5, 6],
  }).toArray();
  expect(await first!.x.array()).toEqual([1, 2]);
  expect(await second!.x.array()).toEqual([3, 4]);
  expect(await second!.y.item()).toBe(6);
  const [pair] = await Dataset.fromTensors([tensor([[1, 2]]), tensor([7])]).toArray();
  expect(await pair![1].item()).toBe(7);
  expect(() => Dataset.fromTensors([tensor([1, 2]), tensor([1])])).toThrow('as many rows');
  expect(() => Dataset.fromTensors(tensor([1], { shape: [] }))).toThrow('no first axis');
});

test('batches, with or without what is left over', async () => {
  expect(await values(numbers(7).batch(3))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  expect(await values(numbers(7).batch(3, { dropRemainder: true }))).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  expect(await values(numbers(7).batch(3, true))).toHaveLength(2);
  const pairs = await numbers(4).batch(2).batch(2).toArray();
  expect(await pairs[0]!.array()).toEqual([
    [0, 1],
    [2, 3],
  ]);
  const uneven = Dataset.fromGenerator(() => [tensor([1]), tensor([1, 2])]).batch(2);
  await expect(uneven.toArray()).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
});

test('take, skip and repeat; −1 is all', async () => {
  expect(await flat(numbers(5).take(2))).toEqual([0, 1]);
  expect(await flat(numbers(5).take(-1))).toEqual([0, 1, 2, 3, 4]);
  expect(await flat(numbers(5).skip(3))).toEqual([3, 4]);
  expect(await flat(numbers(5).skip(-1))).toEqual([]);
  expect(await flat(numbers(2).repeat(3))).toEqual([0, 1, 0, 1, 0, 1]);
  expect(await flat(numbers(2).repeat().take(5))).toEqual([0, 1, 0, 1, 0]);
  expect(await flat(numbers(3).repeat(0))).toEqual([]);
  expect(await flat(numbers(0).repeat())).toEqual([]);
  expect(() => numbers(3).take(1.5)).toThrow('count must be a whole number');
});

test('the number of elements is known as far as it can be', () => {
  const ten = numbers(10);
  const counts = [
    ten.batch(3),
    ten.batch(3, true),
    ten.repeat(),
    ten.repeat(2),
    ten.take(4),
    ten.skip(4),
    ten.skip(-1),
  ];
  expect(counts.map((dataset) => dataset.cardinality())).toEqual([4, 3, Infinity, 20, 4, 6, 0]);
  expect(
    ten
      .shuffle(3)
      .map((x) => x)
      .cache()
      .prefetch(2)
      .cardinality(),
  ).toBe(10);
  expect(ten.zip(numbers(4)).cardinality()).toBe(4);
  expect(Dataset.fromGenerator(() => [1]).cardinality()).toBe(null);
});

test('zip goes as far as the shortest', async () => {
  const list = await numbers(3).zip(numbers(5).skip(2)).toArray();
  expect(await Promise.all(list.map(async ([a, b]) => [await a.item(), await b.item()]))).toEqual([
    [0, 2],
    [1, 3],
    [2, 4],
  ]);
  const [named] = await Dataset.zip({ x: numbers(2), y: numbers(2).skip(1) }).toArray();
  expect(await named!.y.item()).toBe(1);
  expect(() => Dataset.zip([] as never)).toThrow('needs datasets');
});

test('a shuffle has every element once, and a new order each pass', async () => {
  const shuffled = numbers(20).shuffle(20, { seed: 3 });
  const [one, two] = [await flat(shuffled), await flat(shuffled)];
  expect([...one].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(one).not.toEqual(two);
  expect(await flat(numbers(20).shuffle(20, { seed: 3 }))).toEqual(one);
  expect(await flat(numbers(20).shuffle(20, 4))).not.toEqual(one);
  const fixed = numbers(20).shuffle(20, { seed: 3, reshuffleEachIteration: false });
  expect(await flat(fixed)).toEqual(await flat(fixed));
  const twice = await flat(numbers(20).shuffle(20, { seed: 3 }).repeat(2));
  expect(twice.slice(0, 20)).not.toEqual(twice.slice(20));
});

test('a small buffer moves elements a short way only, and a buffer of 1 not at all', async () => {
  expect(await flat(numbers(9).shuffle(1))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const order = await flat(numbers(50).shuffle(5, 1));
  for (const [i, value] of order.entries()) expect(value).toBeLessThan(i + 5);
});

test('a shuffle without a seed follows setSeed', async () => {
  const order = () => {
    setSeed(5);
    return flat(numbers(30).shuffle(30));
  };
  expect(await order()).toEqual(await order());
});

test('map is compiled once for each shape', async () => {
  let runs = 0;
  const mapped = Dataset.fromTensors({ x: tensor(new Float32Array([1, 2, 3])), y: tensor([4, 5, 6]) })
    .map(({ x, y }) => {
      runs++;
      return { x: x.mul(2), sum: x.add(y), y };
    })
    .batch(2);
  const [first, last] = await mapped.toArray();
  expect(runs).toBe(1);
  expect(await first!.x.array()).toEqual([2, 4]);
  expect(await first!.sum.array()).toEqual([5, 7]);
  expect(await last!.y.array()).toEqual([6]);
  runs = 0;
  const batches = numbers(5)
    .batch(2)
    .map((x) => {
      runs++;
      return [x.cast('float32').div(2), x.max()] as const;
    });
  const list = await batches.toArray();
  expect(runs).toBe(2);
  expect(await list[2]![0].array()).toEqual([2]);
  expect(await list[1]![1].item()).toBe(3);
});

test('an eager map runs for every element, and may decide by values', async () => {
  let runs = 0;
  const dataset = numbers(4).map(
    (x) => {
      runs++;
      return x.dataSync()[0]! % 2 === 0 ? x : x.neg();
    },
    { eager: true },
  );
  expect(await flat(dataset)).toEqual([0, -1, 2, -3]);
  expect(runs).toBe(4);
  await expect(
    numbers(2)
      .map((x) => x.add(x.dataSync()[0]!))
      .toArray(),
  ).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('what is random in a map is new for each element and each pass, and the same in another run', async () => {
  const noisy = () => {
    setSeed(9);
    return numbers(6).map((x) => x.add(random.uniform([])));
  };
  const dataset = noisy();
  const [one, two] = [await flat(dataset), await flat(dataset)];
  expect(new Set(one.map((value, i) => value - i)).size).toBe(6);
  expect(one).not.toEqual(two);
  const again = noisy();
  expect([await flat(again), await flat(again)]).toEqual([one, two]);
  setSeed(9);
  const eager = numbers(6).map((x) => x.add(random.uniform([])), { eager: true });
  expect(await flat(eager)).toEqual(one);
});

test('cache reads its source once, prefetch reads ahead', async () => {
  let begun = 0;
  const made: number[] = [];
  const source = Dataset.fromGenerator(function* () {
    begun++;
    for (let i = 0; i < 4; i++) {
      made.push(i);
      yield i;
    }
  });
  const cached = source.map((x) => x.mul(10)).cache();
  expect(await flat(cached)).toEqual([0, 10, 20, 30]);
  expect(await flat(cached)).toEqual([0, 10, 20, 30]);
  expect(begun).toBe(1);
  expect(cached.cardinality()).toBe(4);
  const ahead = source.prefetch(2)[Symbol.asyncIterator]();
  made.length = 0;
  await ahead.next();
  await new Promise((done) => setTimeout(done, 30));
  expect(made).toEqual([0, 1, 2]);
  await ahead.return();
  expect(await ahead.next()).toEqual({ done: true, value: undefined });
});

test('a generator may be asynchronous; what it throws comes through', async () => {
  const dataset = Dataset.fromGenerator(async function* () {
    yield { x: [1, 2], y: 3 };
    throw new Error('no more');
  });
  const iterator = dataset[Symbol.asyncIterator]();
  expect(await (await iterator.next()).value!.x.array()).toEqual([1, 2]);
  await expect(iterator.next()).rejects.toThrow('no more');
  await expect(Dataset.fromGenerator((() => 3) as never).toArray()).rejects.toThrow('must give an iterable');
  expect(() => Dataset.fromGenerator([1] as never)).toThrow('needs a function');
});

const pipelines: Record<string, () => Dataset<Tensor>> = {
  'shuffle, repeat, batch': () => numbers(10).shuffle(10).repeat(3).batch(4),
  'small buffer': () => numbers(10).shuffle(4).batch(3, true).prefetch(2),
  'random map': () =>
    numbers(10)
      .map((x) => x.add(random.uniform([])))
      .shuffle(5)
      .batch(2),
  'map of batches': () =>
    numbers(10)
      .shuffle(10)
      .batch(3)
      .map((x) => x.mul(random.uniform(x.shape))),
  cache: () => numbers(10).cache().shuffle(10).repeat(2),
  'take and skip': () => numbers(10).shuffle(10).skip(2).take(7),
  zip: () =>
    numbers(10)
      .shuffle(6)
      .zip(numbers(10).repeat())
      .map(([a, b]) => a.mul(100).add(b)),
  generator: () =>
    Dataset.fromGenerator(() => [1, 2, 3, 4, 5].map((n) => tensor([n])))
      .repeat(2)
      .shuffle(4),
};

test.each(Object.keys(pipelines))('%s: an iterator says where it stands and goes on there', async (name) => {
  const make = (): DatasetIterator<Tensor> => {
    setSeed(11);
    return pipelines[name]!()[Symbol.asyncIterator]();
  };
  setSeed(11);
  const dataset = pipelines[name]!();
  await flat(dataset);
  const whole = await flat(dataset);
  const third = await flat(dataset);
  for (const position of [0, 1, 3]) {
    const restored = make().restore({ pass: 1, position });
    expect(restored.state()).toEqual({ pass: 1, position });
    const rest = await flat(restored);
    expect(rest).toEqual(whole.slice(whole.length - rest.length));
    expect(restored.state().pass).toBe(1);
  }
  setSeed(11);
  const other = pipelines[name]!();
  other[Symbol.asyncIterator]().restore({ pass: 1, position: 0 });
  expect(await flat(other)).toEqual(third);
  expect(() => make().restore({ pass: -1, position: 0 })).toThrow('pass must be a whole number');
});

test('fit, evaluate and predict take a dataset of batches', async () => {
  const x = random.normal([20, 3], { seed: 1 });
  const y = x.sum(-1, { keepdims: true });
  const model = new Sequential([Input([3]), new layers.Dense(1, { kernelInitializer: 'ones' })]);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  const data = Dataset.fromTensors({ x, y }).batch(8);
  const steps: (number | null)[] = [];
  const { history } = await model.fit(data.shuffle(3), {
    epochs: 2,
    verbose: 0,
    validationData: data,
    callbacks: {
      onTrainBegin: function () {
        steps.push(this.params.steps);
      },
    },
  });
  expect(steps).toEqual([3]);
  expect(history.valLoss).toHaveLength(2);
  expect((await model.evaluate(data, { verbose: 0 })).loss).toBeCloseTo(
    (await model.evaluate(x, y, { verbose: 0 })).loss,
    5,
  );
  const wanted = await model.predict(x, { verbose: 0 });
  for (const inputs of [data, Dataset.fromTensors(x).batch(6), Dataset.fromTensors([x, y]).batch(5)])
    expect(await (await model.predict(inputs as never, { verbose: 0 })).allClose(wanted, { atol: 1e-5 })).toBe(true);
});

test('a dataset without end needs a number of steps', async () => {
  const model = new Sequential([Input([1]), new layers.Dense(1)]);
  model.compile({ optimizer: 'sgd', loss: 'mse' });
  const endless = Dataset.fromTensors({ x: ones([4, 1]), y: ones([4, 1]) })
    .batch(2)
    .repeat();
  await expect(model.fit(endless, { verbose: 0 })).rejects.toThrow('never end');
  const { history } = await model.fit(endless, { stepsPerEpoch: 3, epochs: 2, verbose: 0 });
  expect(history.loss).toHaveLength(2);
});

test('a disposed dataset is an error; one made from it goes on', async () => {
  let kept: Dataset<Tensor>;
  {
    using source = numbers(3).cache();
    kept = source.batch(3);
    await flat(kept);
    expect(String(source)).toBe('Dataset of 3 elements');
  }
  expect(await flat(kept)).toEqual([0, 1, 2]);
  const gone = numbers(2);
  gone.dispose();
  expect(() => gone.batch(2)).toThrow('disposed');
  await expect((async () => flat(gone))()).rejects.toMatchObject({ code: 'DISPOSED' });
});
