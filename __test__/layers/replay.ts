import { gradients, layers, type Tensor, Variable } from 'fovea';
import { describe, expect, test } from 'vitest';
import { maskOf, setMask } from '../../ts/layers/mask.ts';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases, difference, options, type Recorded, restore } from './recordings.ts';

interface LayerCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  autoName: string;
  training: boolean | null;
  several: boolean;
  inputs: Recorded[];
  masks: (Recorded | null)[] | null;
  weights: { name: string; trainable: boolean; value: Recorded }[];
  outputShape: (number | null)[];
  output: Recorded;
  outputMask: Recorded | null;
  losses: number[];
  cotangent: Recorded;
  inputGradients: Recorded[];
  weightGradients: Recorded[];
  weightsAfter: Recorded[] | null;
}

interface LayerClass {
  new (options: object): layers.Layer;
  fromConfig(config: object): layers.Layer;
}

const [forward, backward] = [1e-5, 1e-4];

function make({ class: className, options: recorded }: LayerCase): layers.Layer {
  clearNames();
  return new (layers as unknown as Record<string, LayerClass>)[className]!(options(recorded));
}

/** Tests that layers give what a topic's recordings hold. */
export function replay(...topics: string[]): void {
  describe.each(topics)('%s: layers give what Keras gives', (topic) => {
    test.each(cases<LayerCase>(topic))('$name', async (recorded) => {
      const layer = make(recorded);
      expect(layer.name).toBe(recorded.autoName);

      const inputs = recorded.inputs.map((input) =>
        input.dtype === 'int32' ? restore(input) : new Variable({ initial: restore(input) }),
      );
      for (const [index, mask] of (recorded.masks ?? []).entries()) {
        if (mask !== null) setMask(inputs[index]!, restore(mask).cast('bool'));
      }
      layer.build(recorded.several ? inputs.map(({ shape }) => shape) : inputs[0]!.shape);
      expect(layer.weights.map(({ name, trainable }) => ({ name, trainable }))).toEqual(
        recorded.weights.map(({ name, trainable }) => ({ name, trainable })),
      );
      layer.setWeights(recorded.weights.map(({ value }) => restore(value)));

      const call = recorded.training === null ? {} : { training: recorded.training };
      const output: Tensor = layer(recorded.several ? inputs : inputs[0], call);
      expect(await difference(output, recorded.output)).toBeLessThanOrEqual(forward);
      const mask = maskOf(output);
      if (recorded.outputMask === null) expect(mask).toBeNull();
      else expect(await difference(mask!.cast('int32'), recorded.outputMask)).toBe(0);
      const { losses } = layer;
      expect(losses).toHaveLength(recorded.losses.length);
      for (const [index, loss] of recorded.losses.entries()) {
        expect(Math.abs((await losses[index]!.item()) - loss)).toBeLessThanOrEqual(forward * Math.max(1, loss));
      }

      const total = losses.reduce((sum, loss) => sum.add(loss), output.mul(restore(recorded.cotangent)).sum());
      const floats = inputs.filter((input) => input instanceof Variable);
      const found = gradients(total, [...floats, ...layer.trainableVariables]);
      const wanted = [...recorded.inputGradients, ...recorded.weightGradients];
      expect(found).toHaveLength(wanted.length);
      for (const [index, gradient] of wanted.entries()) {
        expect(await difference(found[index]!, gradient)).toBeLessThanOrEqual(backward);
      }
      for (const [index, after] of (recorded.weightsAfter ?? []).entries()) {
        expect(await difference(layer.weights[index]!, after)).toBeLessThanOrEqual(forward);
      }
    });

    test.each(cases<LayerCase>(topic))('$name: shape and config', (recorded) => {
      const layer = make(recorded);
      const unknown = recorded.inputs.map(({ shape }) => [null, ...shape.slice(1)]);
      const shapes = recorded.several ? unknown : unknown[0];
      expect(layer.computeOutputShape(shapes)).toEqual(recorded.outputShape);

      const { config: written } = layer.toJSON() as { config: Record<string, unknown> };
      // Where Keras writes the dtype's name alone, so that it reads both.
      const { dtype } = recorded.config;
      expect('activity_regularizer' in written).toBe('activity_regularizer' in recorded.config);
      expect(recorded.config).toMatchObject(typeof dtype === 'string' ? { ...written, dtype } : written);

      const Class = layer.constructor as unknown as LayerClass;
      const config = layer.getConfig();
      const again = Class.fromConfig(config);
      expect(again.getConfig()).toEqual(config);
      expect(again).toBeInstanceOf(Class);
      expect(again.computeOutputShape(shapes)).toEqual(recorded.outputShape);
    });
  });
}
