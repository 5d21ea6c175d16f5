import { gradients, layers, type Tensor, Variable } from 'fovea';
import { describe, expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases, difference, numbers, options, type Recorded, restore } from './recordings.ts';

interface LayerCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  autoName: string;
  training: boolean | null;
  inputs: Recorded[];
  weights: { name: string; trainable: boolean; value: Recorded }[];
  outputShape: (number | null)[];
  output: Recorded;
  cotangent: Recorded;
  inputGradients: Recorded[];
  weightGradients: Recorded[];
  weightsAfter: Recorded[] | null;
}

interface LayerClass {
  new (options: object): layers.Layer;
  fromConfig(config: object): layers.Layer;
}

function make({ class: className, options: recorded }: LayerCase): layers.Layer {
  clearNames();
  return new (layers as unknown as Record<string, LayerClass>)[className]!(options(recorded));
}

const merges = new Set(['Add', 'Concatenate']);
const tolerance = 1e-5;

/**
 * Far from zero Keras's own rounding nears or exceeds the tolerance (2.9e-5 in the output, 9.5e-6 in the gradient of
 * gamma): float64 is the measure. Checks the output and gives that gradient.
 */
async function expectNormalized(output: Tensor, { inputs, weights, cotangent }: LayerCase): Promise<number[]> {
  const [x, upstream] = [Float64Array.from(numbers(inputs[0]!)), numbers(cotangent)];
  const [gamma, beta] = weights.map(({ value }) => numbers(value)) as [Float32Array, Float32Array];
  const channels = gamma.length;
  const data = await output.data();
  const gradient = new Array<number>(channels).fill(0);
  for (let channel = 0; channel < channels; channel++) {
    const values = x.filter((_, index) => index % channels === channel);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    for (const [index, value] of values.entries()) {
      const at = index * channels + channel;
      const normalized = (value - mean) / Math.sqrt(variance + 1e-3);
      expect(Math.abs(data[at]! - (normalized * gamma[channel]! + beta[channel]!))).toBeLessThanOrEqual(tolerance);
      gradient[channel]! += normalized * upstream[at]!;
    }
  }
  return gradient;
}

describe('layers give what Keras gives', () => {
  test.each(cases<LayerCase>('layers'))('$name', async (recorded) => {
    const layer = make(recorded);
    expect(layer.name).toBe(recorded.autoName);

    const inputs = recorded.inputs.map((input) => new Variable({ initial: restore(input) }));
    const several = merges.has(recorded.class);
    layer.build(several ? inputs.map(({ shape }) => shape) : inputs[0]!.shape);
    expect(layer.weights.map(({ name, trainable }) => ({ name, trainable }))).toEqual(
      recorded.weights.map(({ name, trainable }) => ({ name, trainable })),
    );
    layer.setWeights(recorded.weights.map(({ value }) => restore(value)));

    const call = recorded.training === null ? {} : { training: recorded.training };
    const output: Tensor = layer(several ? inputs : inputs[0], call);
    const far = recorded.name.includes('far from zero');
    const ofGamma = far ? await expectNormalized(output, recorded) : null;
    if (!far) expect(await difference(output, recorded.output)).toBeLessThanOrEqual(tolerance);

    const total = output.mul(restore(recorded.cotangent)).sum();
    const trainable = layer.trainableVariables;
    const found = gradients(total, [...inputs, ...trainable]);
    const wanted = [...recorded.inputGradients, ...recorded.weightGradients];
    expect(found).toHaveLength(wanted.length);
    for (const [index, gradient] of wanted.entries()) {
      if (ofGamma && index === inputs.length) {
        for (const [channel, value] of (await found[index]!.data()).entries()) {
          expect(Math.abs(Number(value) / ofGamma[channel]! - 1)).toBeLessThanOrEqual(tolerance);
        }
      } else expect(await difference(found[index]!, gradient)).toBeLessThanOrEqual(tolerance);
    }
    for (const [index, after] of (recorded.weightsAfter ?? []).entries()) {
      expect(await difference(layer.weights[index]!, after)).toBeLessThanOrEqual(tolerance);
    }
  });

  test.each(cases<LayerCase>('layers'))('$name: shape and config', (recorded) => {
    const layer = make(recorded);
    const unknown = recorded.inputs.map(({ shape }) => [null, ...shape.slice(1)]);
    const shapes = merges.has(recorded.class) ? unknown : unknown[0];
    expect(layer.computeOutputShape(shapes)).toEqual(recorded.outputShape);

    const { config: written } = layer.toJSON() as { config: Record<string, unknown> };
    expect('activity_regularizer' in written).toBe('activity_regularizer' in recorded.config);
    expect(recorded.config).toMatchObject(written);

    const Class = layer.constructor as unknown as LayerClass;
    const config = layer.getConfig();
    const again = Class.fromConfig(config);
    expect(again.getConfig()).toEqual(config);
    expect(again).toBeInstanceOf(Class);
    expect(again.computeOutputShape(shapes)).toEqual(recorded.outputShape);
  });
});
