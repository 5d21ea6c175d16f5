import { layers } from 'fovea';
import { describe, expect, test } from 'vitest';
import { cases, options } from './recordings.ts';

interface ShapeCase {
  name: string;
  class: string;
  options: Record<string, unknown>;
  several: boolean;
  inputShapes: (number | null)[][];
  outputShape: (number | null)[];
}

describe('sides that are unknown while a model is built', () => {
  const classes = layers as unknown as Record<string, new (options: object) => layers.Layer>;
  test.each(cases<ShapeCase>('layers_open'))('$name', (recorded) => {
    const layer = new classes[recorded.class]!(options(recorded.options));
    const { inputShapes, outputShape, several } = recorded;
    expect(layer.computeOutputShape(several ? inputShapes : inputShapes[0])).toEqual(outputShape);
  });
});
