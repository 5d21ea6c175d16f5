import { optimizers, zeros } from 'fovea';
import { expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases } from '../layers/recordings.ts';
import { mnist } from '../models/networks.ts';

const optimizersOf: Record<string, () => optimizers.Optimizer> = {
  'compiled, not fitted': () => new optimizers.Adam(),
  'mnist after fit, adam': () => new optimizers.Adam(),
  'mnist after fit, rmsprop': () => new optimizers.RMSprop(),
  'mnist after fit, sgd': () => new optimizers.SGD(),
  'mnist after fit, sgd momentum': () => new optimizers.SGD({ momentum: 0.9 }),
};

test.each(Object.entries(optimizersOf))('the summary counts the optimizer as Keras does: %s', async (name, make) => {
  const recorded = cases<{ name: string; text: string; columns: number }>('summary').find((c) => c.name === name)!;
  clearNames();
  const model = mnist();
  model.compile({ optimizer: make(), loss: 'mse' });
  if (name !== 'compiled, not fitted') await model.trainOnBatch(zeros([1, 28, 28, 1]), zeros([1, 10]));
  let text = '';
  model.summary({
    printFn: (printed) => {
      text += printed;
    },
  });
  const totals = (table: string) => table.slice(table.indexOf(' Total params'));
  expect(totals(text)).toBe(totals(recorded.text));
});
