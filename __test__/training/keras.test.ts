import { ops, tensor, utils } from 'fovea';
import { beforeAll, expect, test } from 'vitest';
import { cases, numbers, type Recorded } from '../layers/recordings.ts';
import { digits, network, type Recording } from './networks.ts';

let data: Awaited<ReturnType<typeof digits>>;

beforeAll(async () => {
  data = await digits();
});

/** Rows of a matrix of indices. */
function rows(recorded: Recorded): Int32Array[] {
  const [steps = 0, size = 0] = recorded.shape;
  const all = numbers(recorded) as Int32Array;
  return Array.from({ length: steps }, (_, step) => all.slice(step * size, (step + 1) * size));
}

const off = (actual: number, wanted: number): number => Math.abs(actual - wanted) / Math.max(1e-3, Math.abs(wanted));

/** How far Keras's own float32 run is from its float64 run: what rounding alone does. */
function rounding(recorded: Recorded, exact: Recorded): number {
  const [a, b] = [numbers(recorded), numbers(exact)];
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))));
}

test.each(cases<Recording>('training'))('$name: the loss curve is Keras’s', async (recording) => {
  const model = network(recording);
  const wanted = { loss: numbers(recording.loss), accuracy: numbers(recording.accuracy) };
  const exact = numbers(recording.float64.loss);
  for (const [step, indices] of rows(recording.batches).entries()) {
    const picked = tensor(indices);
    const labels = ops.gather(data.train.y, picked);
    const y = recording.oneHot ? utils.toCategorical(labels, 10) : labels;
    model.resetMetrics();
    const { loss, accuracy } = await model.trainOnBatch(ops.gather(data.train.x, picked), y);
    // Where Keras's float32 is off its float64 by more, no float32 run can be nearer.
    const bound = Math.max(1e-4, 2 * off(wanted.loss[step]!, exact[step]!));
    expect(off(loss, wanted.loss[step]!), `loss of step ${step}`).toBeLessThan(bound);
    expect(Math.abs(accuracy - wanted.accuracy[step]!), `accuracy of step ${step}`).toBeLessThan(1 / 16 + 1e-6);
  }
  const probe = ops.gather(data.test.x, tensor(numbers(recording.probe) as Int32Array));
  const predictions = await (await model.predict(probe, { verbose: 0 })).data();
  const last = numbers(recording.predictions);
  const bound = Math.max(1e-4, 2 * rounding(recording.predictions, recording.float64.predictions));
  const worst = Math.max(
    ...Array.from(last, (value, i) => Math.abs(predictions[i]! - value) / Math.max(1, Math.abs(value))),
  );
  expect(worst).toBeLessThan(bound);
});
