import { gradients, layers, type Tensor, Variable, zeros } from 'fovea';
import { describe, expect, test } from 'vitest';
import { cases, options } from './recordings.ts';

interface RandomCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  shape: number[];
  fill: number;
  values: number[] | null;
  sharedAxes: number[];
  mean: number;
  std: number;
}

type LayerClass = new (options: object) => layers.Layer;

describe('random layers in training do what those of Keras do', () => {
  test.each(cases<RandomCase>('layers_random'))('$name', async (recorded) => {
    const layer = new (layers as unknown as Record<string, LayerClass>)[recorded.class]!(options(recorded.options));
    const x = new Variable({ initial: zeros(recorded.shape).add(recorded.fill) });
    const output: Tensor = layer(x, { training: true });
    const data = await output.data();
    if (recorded.values !== null) {
      const values = [...new Set(data)].sort((a, b) => Number(a) - Number(b));
      expect(values).toHaveLength(recorded.values.length);
      for (const [index, value] of recorded.values.entries()) expect(values[index]).toBeCloseTo(value, 5);
    }
    for (const [axis, side] of recorded.shape.entries()) {
      if (side === 1) continue;
      const spread = await output.max(axis).sub(output.min(axis)).max().item();
      expect(spread === 0, `axis ${axis}`).toBe(recorded.sharedAxes.includes(axis));
    }
    // Both sides draw: each mean is off by its own deviation.
    const draws = recorded.sharedAxes.reduce((count, axis) => count / recorded.shape[axis]!, data.length);
    const off = 5 * Math.SQRT2 * (recorded.std / Math.sqrt(draws));
    expect(Math.abs((await output.mean().item()) - recorded.mean)).toBeLessThanOrEqual(off + 1e-6);
    expect(Math.abs((await output.std().item()) - recorded.std)).toBeLessThanOrEqual(0.08 * recorded.std + 1e-6);
    const gradient = gradients(output.sum(), x);
    if (/^(Spatial|Gaussian)?Dropout/.test(recorded.class))
      expect(await gradient.mul(recorded.fill).allClose(output, { atol: 1e-6 })).toBe(true);
    if (recorded.class === 'GaussianNoise') expect(await gradient.equals(zeros(recorded.shape).add(1))).toBe(true);
  });

  test('a seed gives the same numbers, and each call other ones', async () => {
    for (const kind of ['Dropout', 'SpatialDropout1D', 'GaussianDropout', 'AlphaDropout'] as const) {
      const [a, b] = [1, 2].map(() => new layers[kind]({ rate: 0.5, seed: 7 }));
      const x = zeros([8, 3, 20]).add(1);
      const first = a!(x, { training: true });
      expect(await first.equals(b!(x, { training: true }))).toBe(true);
      expect(await first.equals(a!(x, { training: true }))).toBe(false);
    }
  });
});
