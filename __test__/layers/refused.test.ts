import { layers, ones, type Tensor } from 'fovea';
import { describe, expect, test } from 'vitest';
import { thrown } from '../house/thrown.ts';
import { cases, options } from './recordings.ts';

interface InputCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  before: number[] | null;
  shape: number[];
  /** `null` if Keras refuses the input. */
  outputShape: number[] | null;
}

interface OptionCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  refused: boolean;
}

const classes = layers as unknown as Record<string, new (options: object) => layers.Layer>;

describe('inputs that Keras refuses are refused, and no others', () => {
  test.each(cases<InputCase>('layers_refused', 'inputs'))('$name', (recorded) => {
    const layer = new classes[recorded.class]!(options(recorded.options));
    if (recorded.before !== null) layer(ones(recorded.before));
    const call = (): Tensor => layer(ones(recorded.shape));
    if (recorded.outputShape !== null) return expect(call().shape).toEqual(recorded.outputShape);
    const error = thrown(call);
    expect(['SHAPE_MISMATCH', 'BAD_ARGUMENT']).toContain(error.code);
    expect(error.message).toContain(`${recorded.class} "${layer.name}": `);
    const rank = recorded.before?.length;
    if (rank !== recorded.shape.length) expect(error.message).toContain(`[${recorded.shape.join(', ')}]`);
  });

  test('a single sample is told how to become a batch', () => {
    expect(() => new layers.Dense(2)(ones([4]))).toThrow(
      /^Dense "dense\w*": expected an input with at least 2 axes, received \[4\]\. x\.expandDims\(0\) makes a batch/,
    );
  });
});

describe('options that Keras refuses are refused, and no others', () => {
  test.each(cases<OptionCase>('layers_refused', 'options'))('$name', (recorded) => {
    const construct = () => new classes[recorded.class]!(options(recorded.options));
    if (!recorded.refused) return expect(construct()).toBeInstanceOf(layers.Layer);
    const error = thrown(construct);
    expect(error.code).toBe('BAD_ARGUMENT');
    expect(error.message).toContain(`${recorded.class}: `);
  });
});
