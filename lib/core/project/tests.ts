import {printable} from '../printable.js'

/** One test of a project's own, as its test program told it. */
export interface TestCase {
  /** The file or program that it belongs to; empty where there is only the name. */
  suite: string
  name: string
  result: TestOutcome
  origin: TestOrigin
  seconds?: number
  /** What it printed, or why it failed. */
  detail?: string
  /** Of one that failed, where it was asked: what became of it on the host. */
  native?: NativeResult
}

/** `flaky`: it failed, and passed when it was run again. */
export type TestOutcome = 'passed' | 'failed' | 'flaky' | 'skipped' | 'expected-failure'

/** Which test program ran it, and what has to be known to run it again, alone. */
export type TestOrigin =
  /** `file`: the `.trs` file, relative to the tree. */
  | {kind: 'automake'; file: string}
  /** `file`: the `.sum` file, relative to the tree. Its suite is the script that it belongs to. */
  | {kind: 'dejagnu'; file: string}
  /** `directory`: where it was built, as ctest or meson named it; undefined where it did not. */
  | {kind: 'ctest' | 'meson'; directory: string | undefined}
  | {kind: 'prove'}
  /** A program that printed TAP, which may be any. */
  | {kind: 'tap'}

/** A test that fails on the host too is at fault itself, or its program; one that passes there points at the target. */
export type NativeResult = {result: 'failed' | 'passed'} | {result: 'unknown'; why: string}

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

/** For people, and their terminals: programs print any name. */
export const testName = ({suite, name}: TestCase) => printable(suite === '' || name === '' ? `${suite}${name}` : `${suite}: ${name}`)

export const hasFailed = (tests: readonly TestCase[]) => tests.some(({result}) => result === 'failed')

export type TestCounts = Record<TestOutcome, number>

export function countTests(tests: readonly TestCase[]): TestCounts {
  const counts: TestCounts = {passed: 0, failed: 0, flaky: 0, skipped: 0, 'expected-failure': 0}
  for (const {result} of tests) counts[result]++
  return counts
}
