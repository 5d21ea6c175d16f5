// How many tests ran, from what cargo and vitest say. A skipped test is never counted as passed, and
// a runner that failed without naming a failed test counts as one failure.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {Counts[]} all
 * @returns {Counts}
 */
export const sum = (all) =>
  all.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });

/** @param {Counts} counts */
export const line = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
const honest = (counts, exitCode) => (exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts);

/**
 * Adds up the `test result:` lines of `cargo test`. A test that finds no GPU prints a line that says so:
 * libtest calls it passed, but it is skipped.
 * @param {string} text
 * @param {number} exitCode
 * @returns {Counts}
 */
export function cargoCounts(text, exitCode) {
  const results = text.matchAll(/^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  const counts = [...results].map(([, passed, failed, skipped]) => ({
    passed: Number(passed),
    failed: Number(failed),
    skipped: Number(skipped),
  }));
  const { passed, failed, skipped } = sum(counts);
  const said = [...text.matchAll(/^FOVEA-SKIPPED /gm)].length;
  return honest({ passed: passed - said, failed, skipped: skipped + said }, exitCode);
}

/**
 * Adds up vitest's JSON report; a test file that could not be loaded is one failure.
 * @param {{ testResults: { status: string, assertionResults: { status: string }[] }[] } | null} report
 * @param {number} exitCode
 * @returns {Counts}
 */
export function vitestCounts(report, exitCode) {
  const counts = (report?.testResults ?? []).map(({ status, assertionResults }) => {
    const of = (/** @type {string} */ s) => assertionResults.filter((test) => test.status === s).length;
    const [passed, failed] = [of('passed'), of('failed')];
    const broken = status === 'failed' && failed === 0 ? 1 : 0;
    return { passed, failed: failed + broken, skipped: assertionResults.length - passed - failed };
  });
  return honest(sum(counts), exitCode);
}

/**
 * A check that is one test.
 * @param {number} exitCode
 * @returns {Counts}
 */
export const oneTest = (exitCode) => ({ passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 });
