import type {TestCase, TestOutcome} from '../tests.js'
import {detailOf, type Totals, withTotals} from './totals.js'

/** https://google.github.io/googletest/advanced.html; googletest/src/gtest.cc, PrettyUnitTestResultPrinter */
const RUN = /^\[ RUN {6}\] (\S.*)$/
const END = /^\[( {7}OK | {2}FAILED {2}| {2}SKIPPED )\] (\S.*)$/
const BEGIN = /^\[==========\] Running /
const OVER = /^\[==========\] \d+ tests? from .* ran\./
/** What it counts at the end: `[  PASSED  ] 1 test.`, `[  FAILED  ] 2 tests, listed below:` */
const COUNTED = /^\[ {2}(PASSED|FAILED|SKIPPED) {1,2}\] (\d+) tests?[.,]/

const WORDS: Readonly<Record<string, TestOutcome>> = {OK: 'passed', PASSED: 'passed', FAILED: 'failed', SKIPPED: 'skipped'}

/** What a program of GoogleTest prints; with --gtest_brief only what failed, and how many passed. */
export function parseGtest(lines: readonly string[]): TestCase[] {
  const tests: TestCase[] = []
  let run = newRun('quiet')
  for (const line of lines) {
    if (BEGIN.test(line)) {
      tests.push(...testsOf(run))
      run = newRun('runs')
    } else if (OVER.test(line)) run.state = 'over'
    else if (run.state === 'over') takeCount(run, line)
    else takeLine(run, line)
  }
  return [...tests, ...testsOf(run)]
}

interface Run {
  named: TestCase[]
  totals: Totals
  /** Since the test began. */
  printed: string[]
  /** `quiet`: it has not said that it began, as with --gtest_brief. `over`: what failed is listed once more. */
  state: 'quiet' | 'runs' | 'over'
}

const newRun = (state: Run['state']): Run => ({named: [], totals: {}, printed: [], state})

/** Of what has neither begun nor ended, nobody knows whether it is one. */
const testsOf = ({named, totals, state}: Run): TestCase[] => (state === 'quiet' ? [] : withTotals(named, totals, {kind: 'gtest'}))

function takeCount({totals}: Run, line: string): void {
  const [, word = '', number] = COUNTED.exec(line) ?? []
  const result = WORDS[word]
  if (result !== undefined) totals[result] = Number(number)
}

function takeLine(run: Run, line: string): void {
  if (RUN.test(line)) {
    run.printed = []
    return
  }
  const end = endOf(line)
  if (!end) return void run.printed.push(line)
  const [suite, name] = split(end.name)
  const detail = end.result === 'failed' ? detailOf(run.printed) : {}
  run.named.push({
    suite,
    name,
    result: end.result,
    origin: {kind: 'gtest'},
    ...(end.seconds === undefined ? {} : {seconds: end.seconds}),
    ...detail,
  })
  run.printed = []
}

/** `[       OK ] A.b (3 ms)`, `[  FAILED  ] P/A.b/0, where GetParam() = 4 (0 ms)` */
function endOf(line: string): {name: string; result: TestOutcome; seconds: number | undefined} | undefined {
  const [, word = '', rest = ''] = END.exec(line) ?? []
  const result = WORDS[word.trim()]
  if (result === undefined) return undefined
  const [, before = rest, ms] = /^(.*) \((\d+) ms\)$/.exec(rest) ?? []
  const parameter = before.indexOf(', where ')
  const name = parameter === -1 ? before : before.slice(0, parameter)
  if (!/^\S+\.\S+$/.test(name)) return undefined
  return {name, result, seconds: ms === undefined ? undefined : Number(ms) / 1000}
}

function split(name: string): [suite: string, name: string] {
  const at = name.indexOf('.')
  return [name.slice(0, at), name.slice(at + 1)]
}
