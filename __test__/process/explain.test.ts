import { describe, expect, test } from 'vitest';
import { child } from './child.ts';

/** The lines of the process, those of the explanation apart from what it prints itself. */
async function explained(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { code, output } = await child('explained.ts', [], { env: { FOVEA_ISA: 'portable', ...env } });
  expect(code).toBe(0);
  const lines = output.trimEnd().split('\n');
  expect(lines).toContain('computed');
  return lines.filter((line) => line.startsWith('fovea: '));
}

const estimate = String.raw`\d\.\d\de\d`;
const planned = String.raw`portable tile [1-4] × \d+ \(vectors × rows\); chunks \d+( \+ \d+)*`;
const wide = String.raw`\[2, 16, 16, 32\] by \[3, 3, 32, 64\] to \[2, 16, 16, 64\], padding \[1, 1\]`;
const algorithm = String.raw`(direct|F\([24], 3\))`;

describe('FOVEA_EXPLAIN=1', () => {
  test('says once how each convolution, gradient, product and pooling is computed, and why, and what passes read and write', async () => {
    const lines = await explained({ FOVEA_EXPLAIN: '1' });
    expect(new Set(lines).size).toBe(lines.length);
    const cycles = `direct ${estimate}, F\\(2, 3\\) ${estimate}, F\\(4, 3\\) ${estimate}`;
    for (const op of ['conv2d', 'conv2dInputGrad', 'conv2dKernelGrad']) {
      const line = new RegExp(`^fovea: ${op} ${wide}: ${algorithm} \\(cycles: ${cycles}\\); ${planned}$`);
      expect(
        lines.filter((text) => line.test(text)),
        op,
      ).toHaveLength(1);
    }
    const depthwise = String.raw`\[2, 16, 16, 32\] by \[3, 3, 1, 32\] to \[2, 8, 8, 32\], stride \[2, 2\], 32 groups`;
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^fovea: conv2d ${depthwise}: direct \\(cycles: direct ${estimate}\\); ${planned}$`),
      ),
    );
    const product = String.raw`\[5, 7\] by \[7, 3\] to \[5, 3\]: rows from A, lanes from B read where they lie`;
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^fovea: matmul ${product}; ${planned}$`)));
    expect(lines).toContain('fovea: map [2, 16, 16, 64]: mul, mul; reads float32; writes float32');
    for (const [op, window, how] of [
      ['maxPool2d', '[2, 2] to [2, 8, 8, 32]', 'maxima in registers, cell by cell in rows with NaN'],
      ['maxPool2dGrad', '[2, 2] to [2, 8, 8, 32]', 'two columns at a time'],
      ['avgPool2d', '[3, 3] to [2, 8, 8, 32], stride [2, 2]', 'cell by cell'],
    ]) {
      expect(lines).toContain(`fovea: ${op} [2, 16, 16, 32] by ${window}: ${how}; portable; chunks 1`);
    }
    expect(lines).toHaveLength(9);
  });

  test('names the direct sum alone where precision leaves nothing else', async () => {
    const lines = await explained({ FOVEA_EXPLAIN: '1', FOVEA_PRECISION: 'highest' });
    const line = new RegExp(`^fovea: conv2d ${wide}: direct \\(cycles: direct ${estimate}\\); ${planned}$`);
    expect(lines).toContainEqual(expect.stringMatching(line));
    expect(lines.join()).not.toContain('F(');
  });

  test.each(['0', ''])('says nothing where it is %j', async (value) => {
    expect(await explained({ FOVEA_EXPLAIN: value })).toEqual([]);
  });
});
