import { applications, type Model, type Tensor, tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { sourceOf } from '../../ts/models/op-layer.ts';
import { cases, numbers, options, type Recorded } from '../layers/recordings.ts';
import { hashed } from '../training/networks.ts';

interface Case {
  name: string;
  network: keyof typeof applications;
  options: Record<string, unknown>;
}

interface Architecture extends Case {
  modelName: string;
  count: number;
  trainable: number;
  layers: {
    name: string;
    class: string;
    config: Record<string, unknown>;
    inputs: string[];
    outputShape: (number | null)[];
  }[];
  weights: { path: string; shape: number[]; trainable: boolean }[];
}

interface Prediction extends Case {
  weights: { shape: number[]; salt: number; limit: number; centre: number; head: Recorded }[];
  output: Recorded;
}

function build({ network, options: given }: Case): Model<Tensor, Tensor> {
  clearNames();
  return applications[network]({ ...options(given), weights: null });
}

describe('networks are those of Keras, layer by layer', () => {
  test.each(cases<Architecture>('applications', 'architectures'))('$name', (recorded) => {
    const model = build(recorded);
    expect(model.name).toBe(recorded.modelName);
    expect(model.countParams()).toBe(recorded.count);
    const made = model.layers.map((layer) => {
      const call = model.graph!.calls.find((each) => each.layer === layer)!;
      const inputs = call.inputs.map((input) => sourceOf(input)!.call.layer.name);
      return { name: layer.name, class: layer.typeName, inputs, outputShape: [...call.outputs[0]!.shape] };
    });
    expect(made).toEqual(recorded.layers.map(({ config, ...rest }) => rest));
    for (const [index, layer] of model.layers.entries()) {
      const { config } = layer.toJSON() as { config: Record<string, unknown> };
      expect(config).toMatchObject(recorded.layers[index]!.config);
    }
    expect(model.weights.map(({ path, shape, trainable }) => ({ path, shape: [...shape], trainable }))).toEqual(
      recorded.weights,
    );
    expect(model.trainableVariables.reduce((sum, { size }) => sum + size, 0)).toBe(recorded.trainable);
  });
});

/** Numbers by the formula of the recordings, around a centre. */
function filled(shape: readonly number[], salt: number, limit: number, centre = 0): Tensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) values[i] = Math.fround(hashed(i, salt, limit)) + centre;
  return tensor(values, { shape: [...shape] });
}

describe('networks predict what Keras predicts', () => {
  test.each(cases<Prediction>('applications', 'predictions'))(
    '$name',
    async (recorded) => {
      using model = build(recorded);
      const weights = recorded.weights.map(({ shape, salt, limit, centre }) => filled(shape, salt, limit, centre));
      for (const [index, { head }] of recorded.weights.entries())
        expect([...(await weights[index]!.data()).subarray(0, 4)]).toEqual([...numbers(head)]);
      model.setWeights(weights);
      const image = filled([2, ...(recorded.options.input_shape as number[])], 0, 1);
      const output = await model.predict(image, { verbose: 0 });
      expect([...output.shape]).toEqual(recorded.output.shape);
      const [wanted, found] = [numbers(recorded.output), await output.data()];
      const scale = Math.max(...wanted.map(Math.abs));
      const off = Math.max(...wanted.map((value, i) => Math.abs(value - Number(found[i]))));
      expect(scale).toBeGreaterThan(1);
      expect(off / scale).toBeLessThan(1e-5);
    },
    120_000,
  );
});
