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

/** How far a number is off, relative to `exact`, or to `least` where that is larger. */
const off = (actual: number, exact: number, least: number): number =>
  Math.abs(actual - exact) / Math.max(least, Math.abs(exact));

/** Keras's float32 runs are as far from its float64 run as this says: no other float32 run need be nearer. */
const bound = (rounding: number): number => Math.max(1e-4, 2 * rounding);

test.each(cases<Recording>('training'))('$name: the loss curve is Keras’s', async (recording) => {
  const model = network(recording);
  const { rounding } = recording;
  const exact = { loss: numbers(recording.float64.loss), accuracy: numbers(recording.float64.accuracy) };
  const allowed = numbers(rounding.loss);
  for (const [step, indices] of rows(recording.batches).entries()) {
    const picked = tensor(indices);
    const labels = ops.gather(data.train.y, picked);
    const y = recording.oneHot ? utils.toCategorical(labels, 10) : labels;
    model.resetMetrics();
    const { loss, accuracy } = await model.trainOnBatch(ops.gather(data.train.x, picked), y);
    expect(off(loss, exact.loss[step]!, 1e-3), `loss of step ${step}`).toBeLessThan(bound(allowed[step]!));
    expect(Math.abs(accuracy - exact.accuracy[step]!), `accuracy of step ${step}`).toBeLessThan(1 / 16 + 1e-6);
  }
  const probe = ops.gather(data.test.x, tensor(numbers(recording.probe) as Int32Array));
  const predictions = await (await model.predict(probe, { verbose: 0 })).data();
  const last = numbers(recording.float64.predictions);
  const worst = Math.max(...Array.from(last, (value, i) => off(predictions[i]!, value, 1)));
  expect(worst).toBeLessThan(bound(Math.max(...numbers(rounding.predictions))));
});
