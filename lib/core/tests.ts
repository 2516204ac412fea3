/** One test of a project's own, as its test program told it. */
export interface TestCase {
  /** The file or program that it belongs to; empty where there is only the name. */
  suite: string
  name: string
  result: TestOutcome
  seconds?: number
  /** What it printed, or why it failed. */
  detail?: string
}

export type TestOutcome = 'passed' | 'failed' | 'skipped' | 'expected-failure'

/**
 * The words of automake, dejagnu, meson and ctest. A test that passes though it was expected to fail has failed: as
 * automake and meson count it. https://www.gnu.org/software/automake/manual/html_node/Log-files-generation-and-test-results-recording.html,
 * DejaGnu's manual, "A POSIX Conforming Test Framework"; meson, mesonbuild/mtest.py TestResult
 */
const WORDS: Readonly<Record<string, TestOutcome>> = {
  PASS: 'passed',
  OK: 'passed',
  Passed: 'passed',
  FAIL: 'failed',
  Failed: 'failed',
  XPASS: 'failed',
  KPASS: 'failed',
  UNEXPECTEDPASS: 'failed',
  ERROR: 'failed',
  UNRESOLVED: 'failed',
  TIMEOUT: 'failed',
  Timeout: 'failed',
  INTERRUPT: 'failed',
  SKIP: 'skipped',
  Skipped: 'skipped',
  'Not Run': 'skipped',
  UNSUPPORTED: 'skipped',
  UNTESTED: 'skipped',
  XFAIL: 'expected-failure',
  KFAIL: 'expected-failure',
  EXPECTEDFAIL: 'expected-failure',
}

/** Undefined for a word that no test program has. */
export const outcomeOf = (word: string): TestOutcome | undefined => (Object.hasOwn(WORDS, word) ? WORDS[word] : undefined)

export const testName = ({suite, name}: TestCase) => (suite === '' || name === '' ? `${suite}${name}` : `${suite}: ${name}`)

export type TestCounts = Record<TestOutcome, number>

export function countTests(tests: readonly TestCase[]): TestCounts {
  const counts: TestCounts = {passed: 0, failed: 0, skipped: 0, 'expected-failure': 0}
  for (const {result} of tests) counts[result]++
  return counts
}
