import { gradients, layers, regularizers, type Tensor, Variable } from 'fovea';
import { describe, expect, test } from 'vitest';
import { cases, difference, type Recorded, restore } from './recordings.ts';

interface RegularizerCase {
  name: string;
  class: 'L1' | 'L2' | 'L1L2';
  options: { l1?: number; l2?: number };
  kind: 'weight' | 'activity';
  input: Recorded;
  value: number;
  gradient: Recorded;
}

describe('regularizers give what Keras gives', () => {
  test.each(cases<RegularizerCase>('regularizers'))('$name', async (recorded) => {
    const penalty = new regularizers[recorded.class](recorded.options);
    const x = new Variable({ initial: restore(recorded.input) });
    const loss = recorded.kind === 'weight' ? penalty(x) : activity(penalty, x);
    expect(Math.abs((await loss.item()) - recorded.value)).toBeLessThanOrEqual(1e-5 * Math.max(1, recorded.value));
    expect(await difference(gradients(loss, x), recorded.gradient)).toBeLessThanOrEqual(1e-5);
  });
});

/** The loss that a layer adds for its output. */
function activity(activityRegularizer: regularizers.Regularizer, x: Tensor): Tensor {
  const layer = new layers.Activation('linear', { activityRegularizer });
  layer(x);
  expect(layer.losses).toHaveLength(1);
  return layer.losses[0]!;
}

test("a layer's penalties on weights are among its losses, while it is trainable", async () => {
  const dense = new layers.Dense(2, { kernelRegularizer: 'l2', kernelInitializer: 'ones' });
  dense.build([null, 3]);
  expect(dense.losses).toHaveLength(1);
  expect(await dense.losses[0]!.item()).toBeCloseTo(0.06, 6);
  dense.trainable = false;
  expect(dense.losses).toEqual([]);
});
