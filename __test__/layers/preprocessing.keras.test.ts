import { type DType, Input, layers, Model, ones, Tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { clearNames } from '../../ts/layers/naming.ts';
import { cases, difference, options, type Recorded, restore } from './recordings.ts';

type Drawn = (Recorded & { bool: boolean }) | readonly Drawn[] | { [name: string]: Drawn | null };

interface PreprocessingCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  config: Record<string, unknown>;
  autoName: string;
  inputs: Recorded[];
  bytes: boolean;
  transformation: Drawn | null;
  output: Recorded;
  outputShape: (number | null)[];
  labels: Recorded | null;
  labelsAfter: Recorded | null;
}

interface Preparing extends layers.Layer {
  transformImages(images: Tensor, transformation: unknown, training?: boolean): Tensor;
  transformLabels(labels: Tensor, transformation: unknown, training?: boolean): Tensor;
}

interface LayerClass {
  new (options: object): Preparing;
  fromConfig(config: object): Preparing;
}

const tolerance = 1e-5;
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
const words = new Set(['mode', 'output_mode', 'fill_mode']);

function make({ class: className, options: recorded }: PreprocessingCase): Preparing {
  clearNames();
  const given = Object.entries(recorded).map(([name, value]) => [
    name,
    words.has(name) ? camel(value as string) : value,
  ]);
  return new (layers as unknown as Record<string, LayerClass>)[className]!(options(Object.fromEntries(given)));
}

/** What a layer draws, with names as ours. */
function drawn(value: Drawn | null): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(drawn);
  if ('data' in value && typeof value.data === 'string') {
    const recorded = value as Recorded & { bool: boolean };
    return recorded.bool ? restore(recorded).cast('bool') : restore(recorded);
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [camel(name), drawn(item as Drawn | null)]));
}

describe('preprocessing layers give what Keras gives for the same draws', () => {
  test.each(cases<PreprocessingCase>('preprocessing'))('$name', async (recorded) => {
    const layer = make(recorded);
    expect(layer.name).toBe(recorded.autoName);
    const [first, second] = recorded.inputs.map(restore);
    const x = recorded.bytes ? first!.cast('uint8') : first!;
    const transformation = drawn(recorded.transformation);
    const input = second === undefined ? x : ([x, second] as unknown as Tensor);
    const output: Tensor =
      transformation === null ? layer(input, { training: true }) : layer.transformImages(x, transformation, true);
    expect(output).toBeInstanceOf(Tensor);
    expect(await difference(output, recorded.output)).toBeLessThanOrEqual(tolerance);
    if (recorded.labels === null) return;
    const labels = layer.transformLabels(restore(recorded.labels), transformation, true);
    expect(await difference(labels, recorded.labelsAfter!)).toBeLessThanOrEqual(tolerance);
  });

  test.each(cases<PreprocessingCase>('preprocessing'))('$name: shape and config', (recorded) => {
    const layer = make(recorded);
    const [{ shape }] = recorded.inputs as [Recorded];
    if (recorded.inputs.length === 1)
      expect(layer.computeOutputShape([null, ...shape.slice(1)])).toEqual(recorded.outputShape);
    const { config: written } = layer.toJSON() as { config: Record<string, unknown> };
    expect(recorded.config).toMatchObject(written);
    const Class = layer.constructor as unknown as LayerClass;
    const config = layer.getConfig();
    expect(Class.fromConfig(config).getConfig()).toEqual(config);
  });
});

interface CropCase {
  name: string;
  options: { height: number; width: number };
  shape: number[];
  dtype: DType;
  training: boolean;
  predicted: boolean;
  outputDType: DType;
  outputShape: number[];
}

describe('RandomCrop on its own keeps the dtype outside of training', () => {
  test.each(cases<CropCase>('preprocessing', 'crops'))('$name', async (recorded) => {
    const { dtype, shape, training } = recorded;
    const [images, layer] = [ones(shape, { dtype }), new layers.RandomCrop(recorded.options)];
    const input = Input(shape.slice(1), { dtype });
    const output = recorded.predicted
      ? ((await new Model(input, layer(input)).predict(images)) as Tensor)
      : layer(images, { training });
    expect(output.dtype).toBe(recorded.outputDType);
    expect(output.shape).toEqual(recorded.outputShape);
  });
});
