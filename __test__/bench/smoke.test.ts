import { spawnSync } from 'node:child_process';
import { setSeed } from 'fovea';
import { describe, expect, test } from 'vitest';
import { faces, parameters } from '../../bench/fovea/faces.ts';
import { build } from '../../bench/fovea/networks.ts';
import { allNets, factsOf } from '../../bench/harness/networks.ts';
import { native } from '../../ts/native.ts';
import { root } from '../house/sources.ts';

describe.each(allNets)('%s of the benchmarks, with small images', (net) => {
  const { image, batch, classes } = factsOf(net, true);

  test('a step trains: the loss is that of guessing, and weights change', async () => {
    setSeed(1);
    const network = build(net, image);
    using model = network.model;
    const last = model.trainableVariables.at(-1)!;
    const before = await last.value.array();
    const loss = await (await faces.bare(network, { net, batch, image }))(1)();
    // Deep networks with batch normalization of two images guess with more confidence than is due.
    expect(loss).toBeGreaterThan(0);
    expect(loss).toBeLessThan(3 * Math.log(classes));
    expect(await last.value.array()).not.toEqual(before);
    expect(parameters(model)).toBeGreaterThan(0);
  }, 120_000);

  test('predicts a number', async () => {
    const network = build(net, image);
    using _model = network.model;
    expect(await (await faces.predict(network, { net, batch, image }))(1)()).not.toBeNaN();
  }, 120_000);
});

/** Runs the benchmark as `npm run bench` does, without peers. */
function bench(...args: string[]) {
  const command = ['--import', 'tsx', 'bench/run.ts', ...args, '--only', 'fovea'];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', timeout: 100_000 });
}

const { isa } = native().deviceInfo();

describe('npm run bench', () => {
  test('nets --smoke gives a table with the targets and one for each network', () => {
    const { status, stdout } = bench('nets', '--smoke', '--net', 'notebook,mobilenetv2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^## Training steps of all networks$/m);
    expect(stdout).toMatch(/^\| notebook \(2\) +\| +\d+\.\d \| +none \|.*\| +2\.3 \| +\d+ \| +– \|$/m);
    expect(stdout).toMatch(/^\*\*mobilenetv2, batch 2, 32×32×3, adam \(3504872 parameters\)\*\*$/m);
    expect(stdout).toMatch(/^\| fovea again +\| +\d+\.\d \| .* \| +1 \|$/m);
  }, 120_000);

  test('infer --smoke gives a row for each batch', () => {
    const { status, stdout } = bench('infer', '--smoke', '--net', 'notebook');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| notebook \(1\) +\| +\d+\.\d\d \|/m);
    expect(stdout).toMatch(/^\| notebook \(32\) +\| +\d+\.\d\d \|/m);
  }, 120_000);

  test('scaling --smoke gives a row with one thread, two, and two more than there shall be', () => {
    const { status, stdout } = bench('scaling', '--smoke', '--net', 'notebook', '--threads', '3');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| notebook \(2\) +\|( +\d+\.\d+ \((met|missed)\) \|| +\d+\.\d+ \|){4}$/m);
    for (const side of ['again', '1 thread', '2 threads', '5 threads'])
      expect(stdout).toMatch(new RegExp(`^\\| ${side} +\\| +\\d+\\.\\d \\|.* 1 \\|$`, 'm'));
  }, 120_000);

  test.runIf(isa !== 'portable' && process.arch === 'x64')(
    'isa --smoke sets portable kernels against AVX2',
    () => {
      const { status, stdout } = bench('isa', '--smoke', '--net', 'notebook');
      expect(status).toBe(0);
      expect(stdout).toMatch(/^\| notebook \(2\) .* \d+\.\d+ \((met|missed)\) \| +\d+\.\d+ \|$/m);
      expect(stdout).toMatch(/^\| fovea portable +\| +\d+\.\d \|/m);
    },
    120_000,
  );

  test('mixed --smoke sets bfloat16 against float32', () => {
    const { status, stdout } = bench('mixed', '--smoke', '--net', 'notebook');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| notebook \(2\) .* – \| +\d+\.\d\d \| +\d+ \| +\d+\.\d\d \|$/m);
    expect(stdout).toMatch(/^\| fovea float32 +\| +\d+\.\d \|/m);
  }, 120_000);

  test('busy --smoke gives the slow-down', () => {
    const { status, stdout } = bench('busy', '--smoke', '--net', 'notebook');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| fovea \| +\d+\.\d\d \| .* \d+\.\d\d \|$/m);
  }, 120_000);

  test('profile gives the phases of a step by op, and the slowest with their layers', () => {
    const { status, stdout } = bench('profile', 'notebook', '--smoke', '--batch', '3');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\*\*notebook, batch 3: by op\*\*$/m);
    // Three convolutions, the first of which needs no gradient for its input.
    for (const [op, least] of [
      ['conv2d', 3],
      ['conv2dKernelGrad', 3],
      ['conv2dInputGrad', 2],
      ['matmul', 5],
    ] as const) {
      const row = stdout.match(
        new RegExp(`^\\| ${op} +\\| +(\\d+) \\| +\\d+\\.\\d{3} \\| +\\d+\\.\\d % \\| +\\d+\\.\\d \\|$`, 'm'),
      );
      expect(Number(row?.[1]), op).toBeGreaterThanOrEqual(least);
    }
    expect(stdout).toMatch(/^\| conv2d +\| +sequential\/conv2d_1 \| +\d+ \|/m);
    const shares = stdout.split('the slowest phases')[0]!.matchAll(/ (\d+\.\d) % /g);
    const sum = [...shares].reduce((total, [, share]) => total + Number(share), 0);
    // Each share is rounded.
    expect(Math.abs(sum - 100)).toBeLessThan(1);
  }, 120_000);

  test('profile --predict gives the phases of a prediction', () => {
    const { status, stdout } = bench('profile', 'notebook', '--smoke', '--predict');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\*\*notebook, batch 1: by op\*\*$/m);
    // Its three convolutions, and no gradients.
    expect(stdout).toMatch(/^\| conv2d +\| +3 \|/m);
    expect(stdout).not.toContain('Grad');
  }, 120_000);

  test.each([
    ['compare without a revision', ['compare'], 'Name what to compare with'],
    ['compare with one that there is not', ['compare', 'no-such-branch'], "There is no revision 'no-such-branch'"],
    ['a revision for another benchmark', ['nets', 'HEAD'], "There is no network 'HEAD'"],
    ['a network that there is not', ['nets', '--net', 'vgg17'], "There is no network 'vgg17'"],
    [
      'a precision that there is not',
      ['profile', '--precision', 'half'],
      "--precision takes float32 or bfloat16, not 'half'",
    ],
    ['a prediction where there is none', ['nets', '--predict'], '--predict is for profile'],
    ['such a network after the name', ['profile', 'vgg17'], "There is no network 'vgg17'"],
    ['a smoke test to be kept', ['nets', '--smoke', '--save'], '--smoke without --save'],
  ])('%s: a sentence, and it fails', (_, args, sentence) => {
    const { status, stderr } = bench(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(sentence);
  });
});
