import { expect, test } from 'vitest';
import { cargoCounts, line, sum, vitestCounts } from '../../scripts/counts.mjs';
import { complaint, needed } from '../../scripts/tools.mjs';

const wanted = { node: '20.19', rust: '1.89' };
const rustc = 'rustc 1.95.0 (59807616e 2026-04-14)';

test('nothing is said when all is there', () => {
  expect(complaint({ node: '20.19.0', rustc, cargo: true }, wanted)).toBeNull();
  expect(complaint({ node: '22.3.1', rustc: 'rustc 1.89.0-nightly', cargo: true }, wanted)).toBeNull();
  expect(complaint({ node: '20.19.0', rustc: 'rustc 2.0.0', cargo: true }, wanted)).toBeNull();
});

test('one sentence names all that is missing', () => {
  expect(complaint({ node: '18.20.4', rustc: null, cargo: false }, wanted)).toBe(
    'Fovea is built here and needs Node 20.19 or newer (this is 18.20.4) and ' +
      'Rust 1.89 or newer (no cargo was found; https://rustup.rs installs it).',
  );
  expect(complaint({ node: '20.18.3', rustc, cargo: true }, wanted)).toMatch(/needs Node 20\.19 .* 20\.18\.3\)\.$/);
  expect(complaint({ node: '20.19.1', rustc: 'rustc 1.88.2', cargo: true }, wanted)).toMatch(/Rust 1\.89 .*1\.88\.2;/);
});

test('the needed versions are those of package.json and Cargo.toml', () => {
  expect(needed()).toEqual({ node: expect.stringMatching(/^\d+\.\d+$/), rust: expect.stringMatching(/^\d+\.\d+$/) });
});

test('cargo’s results are added up, and ignored tests are skipped ones', () => {
  const text = [
    'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s',
    'test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s',
  ].join('\n');
  expect(cargoCounts(text, 101)).toEqual({ passed: 7, failed: 2, skipped: 1 });
  expect(cargoCounts('error: could not compile', 101)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  // A test that found no GPU says so in the midst of libtest's own lines.
  const gpu = `test work ... \nFOVEA-SKIPPED work: no GPU adapter\nok\n${text}`;
  expect(cargoCounts(gpu, 101)).toEqual({ passed: 6, failed: 2, skipped: 2 });
});

test('vitest’s results are added up, and a file that does not load is a failure', () => {
  const of = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((s) => ({ status: s })),
  });
  const report = {
    testResults: [
      of('passed', 'passed', 'skipped', 'pending', 'passed'),
      of('failed', 'failed', 'passed'),
      of('failed'),
    ],
  };
  expect(vitestCounts(report, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  expect(vitestCounts({ testResults: [of('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(vitestCounts(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the last line reads as a sum', () => {
  expect(line(sum([cargoCounts('', 1), { passed: 2, failed: 0, skipped: 5 }]))).toBe('2 passed, 1 failed, 5 skipped');
});
