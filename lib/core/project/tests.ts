import {printable} from '../printable.js'

/** One test of a project's own, as its test program told it. */
export interface TestCase {
  /** The file or program that it belongs to; empty where there is only the name. */
  suite: string
  name: string
  result: TestOutcome
  origin: TestOrigin
  seconds?: number
  /** Of ctest: what a project sorts its tests by. */
  labels?: readonly string[]
  /** For so many that ended alike, and of which the program told no names. */
  count?: number
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
  /** `id`: as pytest takes it. */
  | {kind: 'pytest'; id: string | undefined}
  /** `package`: the import path; undefined of what stands for a whole package. */
  | {kind: 'go'; package: string | undefined}
  /** How the program was called, nobody knows. */
  | {kind: 'cargo' | 'gtest' | 'catch2' | 'mocha'}
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

/** How the tests of each label ended, where a project has labels; a test may have several. */
export function countLabels(tests: readonly TestCase[]): Map<string, TestCounts> {
  const byLabel = new Map<string, TestCase[]>()
  for (const test of tests) {
    for (const label of test.labels ?? []) {
      const own = byLabel.get(label)
      if (own) own.push(test)
      else byLabel.set(label, [test])
    }
  }
  return new Map([...byLabel].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, own]) => [label, countTests(own)]))
}

export type TestCounts = Record<TestOutcome, number>

export function countTests(tests: readonly TestCase[]): TestCounts {
  const counts: TestCounts = {passed: 0, failed: 0, flaky: 0, skipped: 0, 'expected-failure': 0}
  for (const {result, count = 1} of tests) counts[result] += count
  return counts
}
